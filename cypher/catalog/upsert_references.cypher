// Foreign keys, one row per pair of columns.
// mode:    write
// params:  rows: list[map], at: str, run: str
// returns: written: int
// budget:  300 ms
UNWIND $rows AS row
MATCH (a:Asset {urn: row.from})
MATCH (b:Asset {urn: row.to})
MERGE (a)-[r:REFERENCES]->(b)
  ON CREATE SET r.first_seen = $at, r.recorded_run = $run
SET r.run = $run
RETURN count(r) AS written
