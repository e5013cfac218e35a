// The end of a run, by the attempt that holds it.
// mode:    write
// params:  id: str, attempt: int, state: str, at: str, counts: map, error: str, problems: list[map]
// returns: state: str
// budget:  200 ms
MATCH (r:Run {id: $id, attempt: $attempt})-[:SCANS]->(s:Asset)
WHERE r.state IN ['RUNNING', 'CANCELLING']
SET r.state = $state, r.finished_at = $at, r += $counts, r.error = $error, r.lease_until = null,
    s.last_run = r.id, s.last_run_state = $state, s.last_run_at = $at
FOREACH (row IN $problems | CREATE (p:Problem) SET p = row CREATE (r)-[:REPORTED]->(p))
RETURN r.state AS state
