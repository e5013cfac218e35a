// Edges that a run made, closed as of now and kept with their interval.
// mode:    write
// params:  rows: list[map], at: str, run: str, mark: str
// returns: closed: int, marked: list[int]
// budget:  400 ms
UNWIND $rows AS row
MATCH (up:Asset {urn: row.up})-[e:FEEDS|INFLUENCES]->(down:Asset {urn: row.down})
WHERE type(e) = row.type AND e.assertion = row.assertion AND coalesce(e.job, '') = row.job AND e.recorded_run = $run
CREATE (up)-[f:FED]->(down)
SET f = properties(e), f.type = type(e), f.closed_at = $at, f.closed_run = $mark, f.valid_to = $at
DELETE e
RETURN count(*) AS closed, collect(DISTINCT CASE WHEN down:Column THEN down.key END) AS marked
