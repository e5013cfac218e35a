// Jobs with the datasets they read and write.
// mode:    write
// params:  rows: list[map], at: str, run: str
// returns: jobs: int
// budget:  300 ms
UNWIND $rows AS row
MERGE (j:Asset {urn: row.urn})
  ON CREATE SET j.key = row.key, j.first_seen = $at, j.version = 0, j.sensitivity = 0, j.own_sensitivity = 0,
                j.domain = row.domain, j.kind = row.props.kind
SET j:$(row.label), j += row.props, j.stub = false, j.status = 'ACTIVE', j.last_seen = $at, j.run = $run
WITH j, row
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
