// Whether a run is over and was undone, and the runs of its source that are not over.
// mode:    read
// params:  run: str
// returns: state: str, undo_state: str, busy: list[str]
// budget:  50 ms
MATCH (r:Run {id: $run})
RETURN r.state AS state, r.undo_state AS undo_state, COLLECT {
  MATCH (r)-[:SCANS]->(s:Asset)<-[:SCANS]-(other:Run)
  WHERE other <> r AND (other.undo_state = 'UNDOING'
    OR other.state IN ['AWAITING_APPROVAL', 'QUEUED', 'RUNNING', 'PAUSED', 'CANCELLING'])
  RETURN other.id
} AS busy
