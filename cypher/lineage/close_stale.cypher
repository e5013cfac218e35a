// Edges that the same asserter no longer asserts, of the datasets it spoke of just now: closed, kept with their interval.
// mode:    write
// params:  downs: list[str], assertion: str, at: str, valid: str, run: str
// returns: closed: int, marked: list[int]
// budget:  400 ms
UNWIND $downs AS urn
MATCH (d:Asset {urn: urn})
CALL (d) {
  MATCH (d)<-[e:FEEDS|INFLUENCES]-(up:Asset)
  RETURN e, up, d AS down
  UNION
  MATCH (d)-[:CONTAINS]->(c:Column)<-[e:FEEDS]-(up:Asset)
  RETURN e, up, c AS down
}
WITH e, up, down
WHERE e.assertion = $assertion AND e.run <> $run
CREATE (up)-[f:FED]->(down)
SET f = properties(e), f.type = type(e), f.closed_at = $at, f.closed_run = $run,
    f.valid_to = CASE WHEN $valid > coalesce(e.valid_from, e.first_seen) THEN $valid ELSE $at END
DELETE e
RETURN count(*) AS closed, collect(DISTINCT CASE WHEN down:Column THEN down.key END) AS marked
