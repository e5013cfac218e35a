// Foreign keys that their source has no more, one row per pair of columns: kept as what was.
// mode:    write
// params:  rows: list[map], at: str, run: str
// returns: closed: int
// budget:  300 ms
UNWIND $rows AS row
MATCH (a:Asset {urn: row.from})-[r:REFERENCES]->(b:Asset {urn: row.to})
CREATE (a)-[was:WAS_REFERENCES]->(b)
SET was = properties(r), was.closed_at = $at, was.closed_run = $run
DELETE r
RETURN count(*) AS closed
