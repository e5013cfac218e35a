// Close the edges that people drew between two assets; what a source asserts stays.
// mode:    write
// params:  up: str, down: str, origin: str, at: str
// returns: closed: int, marked: list[int]
// budget:  50 ms
MATCH (up:Asset {urn: $up})-[e:FEEDS|INFLUENCES]->(down:Asset {urn: $down})
WHERE e.origin = $origin
CREATE (up)-[f:FED]->(down)
SET f = properties(e), f.type = type(e), f.closed_at = $at, f.valid_to = $at
DELETE e
RETURN count(*) AS closed, collect(DISTINCT CASE WHEN down:Column THEN down.key END) AS marked
