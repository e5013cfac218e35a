// The state of a run, it and its source locked until the transaction ends, and the runs of the source that are not over.
// mode:    write
// params:  run: str
// returns: state: str, undo_state: str, busy: list[str]
// budget:  50 ms
MATCH (r:Run {id: $run})-[:SCANS]->(s:Asset)
SET s.lock = 'undo', r.lock = 'undo'
RETURN r.state AS state, r.undo_state AS undo_state, COLLECT {
  MATCH (s)<-[:SCANS]-(other:Run)
  WHERE other <> r AND (other.undo_state = 'UNDOING'
    OR other.state IN ['AWAITING_APPROVAL', 'QUEUED', 'RUNNING', 'PAUSED', 'CANCELLING'])
  RETURN other.id
} AS busy
