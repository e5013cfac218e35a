// What a describer knows of datasets that another one may have described: gaps are filled, only its own words are changed.
// mode:    write
// params:  rows: list[map], at: str, run: str
// returns: datasets: int
// budget:  500 ms
UNWIND $rows AS row
MERGE (d:Asset {urn: row.urn})
  ON CREATE SET d.key = row.key, d.first_seen = $at, d.version = 0, d.sensitivity = 0, d.own_sensitivity = 0,
                d.domain = row.domain, d.kind = 'DATASET', d += row.props, d.status = 'ACTIVE', d.run = $run,
                d.fingerprint = null
SET d:Dataset, d.last_seen = $at, d.stub = CASE WHEN row.complete THEN false ELSE coalesce(d.stub, true) END,
    d.described_by = coalesce(d.described_by, row.props.described_by)
FOREACH (_ IN CASE WHEN d.described_by = row.props.described_by THEN [1] ELSE [] END |
  SET d += row.props, d.status = 'ACTIVE', d.run = $run)
SET d.comment = coalesce(d.comment, row.props.comment),
    d.subtype = CASE WHEN d.subtype IS NULL OR d.subtype = 'UNKNOWN' THEN row.props.subtype ELSE d.subtype END,
    d.definition = coalesce(d.definition, row.props.definition),
    d.row_count = coalesce(d.row_count, row.props.row_count)
WITH d, row
CALL (d, row) {
  WITH d, row WHERE row.parent IS NOT NULL AND NOT EXISTS { (:Asset)-[:CONTAINS]->(d) }
  MATCH (p:Asset {urn: row.parent})
  MERGE (p)-[:CONTAINS]->(d)
}
CALL (d, row) {
  // Whoever read the dataset itself knows its columns; a document may speak of one that is not there.
  WITH d, row, d.described_by <> row.props.described_by AND EXISTS { (d)-[:CONTAINS]->(:Column) } AS settled
  UNWIND row.columns AS col
  OPTIONAL MATCH (there:Asset {urn: col.urn})
  WITH d, row, col WHERE NOT settled OR there IS NOT NULL
  MERGE (c:Asset {urn: col.urn})
    ON CREATE SET c.key = col.key, c.first_seen = $at, c.version = 0, c.sensitivity = d.sensitivity,
                  c.own_sensitivity = 0, c.domain = d.domain, c.kind = 'COLUMN', c += col.props, c.status = 'ACTIVE',
                  c.run = $run
  FOREACH (_ IN CASE WHEN d.described_by = row.props.described_by THEN [1] ELSE [] END |
    SET c += col.props, c.status = 'ACTIVE', c.run = $run)
  SET c:Column, c.stub = false, c.last_seen = $at, c.comment = coalesce(c.comment, col.props.comment),
      c.data_type = CASE WHEN coalesce(c.data_type, '') = '' THEN col.props.data_type ELSE c.data_type END,
      c.ordinal = CASE WHEN coalesce(c.ordinal, 0) = 0 THEN col.props.ordinal ELSE c.ordinal END
  MERGE (d)-[:CONTAINS]->(c)
}
RETURN count(d) AS datasets
