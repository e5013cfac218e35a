// Where the job stands: what waits, since when, and what was last done.
// mode:    read
// params:
// returns: pending: int, since: str, state: map
// budget:  50 ms
OPTIONAL MATCH (m:PropagationMark)
WHERE m.id >= ''
WITH sum(CASE WHEN m.whole THEN 1 ELSE size(m.keys) END) AS pending, min(m.at) AS since
OPTIONAL MATCH (p:Propagation {id: 'columns'})
RETURN pending, since, p {.*} AS state
