// Edges of one asserter that no statement moved anything along since `before`: closed, kept with their interval; some at a time.
// mode:    write
// params:  assertion: str, before: str, at: str, run: str, limit: int
// returns: closed: int, downs: list[str], marked: list[int]
// budget:  500 ms
CALL () {
  MATCH (up:Asset)-[e:FEEDS]->(down:Asset) USING INDEX e:FEEDS(used_at)
  WHERE e.used_at < $before AND e.last_seen < $before AND e.assertion = $assertion
  RETURN up, e, down LIMIT $limit
  UNION ALL
  MATCH (up:Asset)-[e:INFLUENCES]->(down:Asset) USING INDEX e:INFLUENCES(used_at)
  WHERE e.used_at < $before AND e.last_seen < $before AND e.assertion = $assertion
  RETURN up, e, down LIMIT $limit
}
CREATE (up)-[f:FED]->(down)
SET f = properties(e), f.type = type(e), f.closed_at = $at, f.closed_run = $run, f.valid_to = $at
DELETE e
RETURN count(*) AS closed, collect(DISTINCT down.urn) AS downs,
       collect(DISTINCT CASE WHEN down:Column THEN down.key END) AS marked
