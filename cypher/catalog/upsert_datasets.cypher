// Datasets with their columns, one fat row per dataset; people's descriptions and tags are not touched.
// mode:    write
// params:  rows: list[map], at: str, run: str
// returns: datasets: int
// budget:  500 ms
UNWIND $rows AS row
MERGE (d:Asset {urn: row.urn})
  ON CREATE SET d.key = row.key, d.first_seen = $at, d.version = 0, d.sensitivity = 0, d.own_sensitivity = 0,
                d.domain = row.domain, d.kind = 'DATASET'
SET d:Dataset, d += row.props, d.stub = false, d.status = 'ACTIVE', d.last_seen = $at, d.run = $run
WITH d, row
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
  MERGE (c:Asset {urn: col.urn})
    ON CREATE SET c.key = col.key, c.first_seen = $at, c.version = 0, c.sensitivity = d.sensitivity,
                  c.own_sensitivity = 0, c.domain = d.domain, c.kind = 'COLUMN'
  SET c:Column, c += col.props, c.stub = false, c.status = 'ACTIVE', c.last_seen = $at, c.run = $run
  MERGE (d)-[:CONTAINS]->(c)
}
CALL (d, row) {
  WITH d, row WHERE row.complete
  MATCH (d)-[:CONTAINS]->(gone:Column) WHERE gone.run <> $run AND gone.status = 'ACTIVE'
  SET gone.status = 'STALE'
}
RETURN count(d) AS datasets
