// Foreign keys that a run found first; keys have no history.
// mode:    write
// params:  rows: list[map], run: str
// returns: dropped: int
// budget:  200 ms
UNWIND $rows AS row
MATCH (a:Asset {urn: row.from})-[r:REFERENCES]->(b:Asset {urn: row.to})
WHERE r.recorded_run = $run
DELETE r
RETURN count(*) AS dropped
