// Foreign keys that a run found gone, made again.
// mode:    write
// params:  rows: list[map], run: str, mark: str, at: str
// returns: restored: int
// budget:  200 ms
UNWIND $rows AS row
MATCH (a:Asset {urn: row.from})-[was:WAS_REFERENCES]->(b:Asset {urn: row.to})
WHERE was.closed_run = $run
WITH DISTINCT a, b
MERGE (a)-[r:REFERENCES]->(b)
  ON CREATE SET r.first_seen = $at, r.recorded_run = $mark, r.run = $mark
RETURN count(r) AS restored
