// Tags that a source declared in a run, taken off; that the assets carried them is kept.
// mode:    write
// params:  rows: list[map], at: str, by: str, run: str
// returns: taken: int
// budget:  200 ms
UNWIND $rows AS row
MATCH (a:Asset {urn: row.urn})-[r:TAGGED]->(t:Tag {name: row.name})
WHERE r.recorded_run = $run
CREATE (a)-[past:WAS_TAGGED]->(t)
SET past = properties(r), past.closed_at = $at, past.closed_by = $by, a.version = a.version + 1
DELETE r
RETURN count(*) AS taken
