// Progress and heartbeat of a run, by the attempt that holds it; no row where another attempt took over.
// mode:    write
// params:  id: str, attempt: int, until: str, progress: map
// returns: state: str
// budget:  50 ms
MATCH (r:Run {id: $id, attempt: $attempt})
WHERE r.state IN ['RUNNING', 'CANCELLING']
SET r += $progress, r.lease_until = $until
RETURN r.state AS state
