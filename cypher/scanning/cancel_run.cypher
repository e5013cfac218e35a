// Ask a run to stop; a queued one is cancelled at once.
// mode:    write
// params:  id: str, at: str
// returns: state: str, was: str
// budget:  50 ms
MATCH (r:Run {id: $id})
SET r.lock = 'cancel'
WITH r, r.state AS was
SET r.state = CASE was WHEN 'QUEUED' THEN 'CANCELLED' WHEN 'RUNNING' THEN 'CANCELLING' ELSE was END,
    r.finished_at = CASE was WHEN 'QUEUED' THEN $at ELSE r.finished_at END
RETURN r.state AS state, was
