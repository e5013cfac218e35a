// Queue a scan of a source; refused while another run of it is not finished.
// mode:    write
// params:  id: str, key: int, source: str, props: map, at: str
// returns: id: str, busy: str
// budget:  50 ms
MATCH (s:Asset {urn: $source})
WHERE s.registered
SET s.last_run_requested = $at
WITH s
OPTIONAL MATCH (other:Run)-[:SCANS]->(s) WHERE other.state IN ['QUEUED', 'RUNNING', 'CANCELLING']
WITH s, head(collect(other.id)) AS busy
FOREACH (_ IN CASE WHEN busy IS NULL THEN [1] ELSE [] END |
  CREATE (r:Run {id: $id, key: $key, state: 'QUEUED', created_at: $at, attempt: 0})
  SET r += $props
  CREATE (r)-[:SCANS]->(s))
RETURN CASE WHEN busy IS NULL THEN $id ELSE null END AS id, busy
