// Jobs with the datasets they read and write; what was seen before the last word on a job does not change it.
// mode:    write
// params:  rows: list[map], at: str, by: str, run: str
// returns: jobs: int
// budget:  300 ms
UNWIND $rows AS row
MERGE (a:Asset {urn: row.urn})
  ON CREATE SET a.key = row.key, a.first_seen = $at, a.version = 0, a.sensitivity = 0, a.own_sensitivity = 0,
                a.domain = row.domain, a.kind = row.props.kind,
                a.valid_from = row.valid, a.recorded_by = $by, a.recorded_run = $run
WITH row, row.valid AS valid, a,
// include: cypher.catalog/_was_known
SET a:$(row.label), a.last_seen = $at, a.run = $run
FOREACH (_ IN CASE WHEN row.late THEN [] ELSE [1] END |
  SET a += row.props, a.described_at = row.observed, a.stub = false, a.status = 'ACTIVE')
// include: cypher.catalog/_remember_known
WITH a AS j, row
CALL (j, row) {
  WITH j, row WHERE row.parent IS NOT NULL
  MATCH (p:Asset {urn: row.parent})
  MERGE (p)-[:CONTAINS]->(j)
}
CALL (j, row) {
  UNWIND row.inputs AS urn
  MATCH (d:Asset {urn: urn})
  MERGE (j)-[:READS]->(d)
}
CALL (j, row) {
  UNWIND row.outputs AS urn
  MATCH (d:Asset {urn: urn})
  MERGE (j)-[:WRITES]->(d)
}
RETURN count(j) AS jobs
