// Edges that a run closed, made again as of now as they were last; one that somebody made since stays as it is.
// mode:    write
// params:  rows: list[map], at: str, run: str, mark: str
// returns: opened: int, marked: list[int]
// budget:  400 ms
UNWIND $rows AS row
MATCH (up:Asset {urn: row.up})-[f:FED]->(down:Asset {urn: row.down})
WHERE f.type = row.type AND f.assertion = row.assertion AND coalesce(f.job, '') = row.job AND f.closed_run = $run
WITH row, up, down, f ORDER BY f.closed_at DESC
WITH row, up, down, head(collect(properties(f))) AS was
CREATE (up)-[e:$(row.type)]->(down)
SET e = was, e.type = null, e.closed_at = null, e.closed_run = null, e.valid_to = null, e.first_seen = $at, e.valid_from = $at,
    e.last_seen = $at, e.recorded_run = $mark, e.run = $mark
RETURN count(e) AS opened, collect(DISTINCT CASE WHEN down:Column THEN down.key END) AS marked
