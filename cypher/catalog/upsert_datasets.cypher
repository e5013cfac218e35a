// Datasets with their columns, one fat row per dataset; people's descriptions and tags are not touched.
// mode:    write
// ways:    new, known
// params:  rows: list[map], at: str, by: str, run: str
// returns: datasets: int
// budget:  500 ms
UNWIND $rows AS row
MERGE (a:Asset {urn: row.urn})
  ON CREATE SET a.key = row.key, a.first_seen = $at, a.version = 0, a.sensitivity = 0, a.own_sensitivity = 0,
                a.domain = row.domain, a.kind = 'DATASET',
                a.valid_from = row.valid, a.recorded_by = $by, a.recorded_run = $run
WITH row, row.valid AS valid, a,
// include: cypher.catalog/_was_<way>
SET a:Dataset, a += row.props, a.stub = false, a.status = 'ACTIVE', a.last_seen = $at, a.run = $run
// include: cypher.catalog/_remember_<way>
WITH a AS d, row
CALL (d, row) {
  WITH d, row WHERE row.parent IS NOT NULL
  MATCH (p:Asset {urn: row.parent})
  OPTIONAL MATCH (other:Asset)-[old:CONTAINS]->(d) WHERE other <> p
  DELETE old
  WITH DISTINCT d, p
  MERGE (p)-[:CONTAINS]->(d)
}
CALL (d, row) {
  UNWIND row.columns AS col
  MERGE (a:Asset {urn: col.urn})
    ON CREATE SET a.key = col.key, a.first_seen = $at, a.version = 0, a.sensitivity = d.sensitivity,
                  a.own_sensitivity = 0, a.domain = d.domain, a.kind = 'COLUMN',
                  a.valid_from = row.valid, a.recorded_by = $by, a.recorded_run = $run
  WITH d, col, row.valid AS valid, a,
// include: cypher.catalog/_was_<way>
  SET a:Column, a += col.props, a.stub = false, a.status = 'ACTIVE', a.last_seen = $at, a.run = $run
// include: cypher.catalog/_remember_<way>
  MERGE (d)-[:CONTAINS]->(a)
}
CALL (d, row) {
  WITH d, row WHERE row.complete
  MATCH (d)-[:CONTAINS]->(a:Column) WHERE a.run <> $run AND a.status = 'ACTIVE'
  WITH row.valid AS valid, a,
// include: cypher.catalog/_was_<way>
  SET a.status = 'STALE', a.stale_since = $at, a.status_reason = null
// include: cypher.catalog/_remember_<way>
}
RETURN count(d) AS datasets
