// What a describer knows of datasets that another one may have described: gaps are filled, only its own words are changed,
// and those not by what it saw before its last word.
// mode:    write
// params:  rows: list[map], at: str, by: str, run: str
// returns: datasets: int
// budget:  500 ms
UNWIND $rows AS row
MERGE (a:Asset {urn: row.urn})
  ON CREATE SET a.key = row.key, a.first_seen = $at, a.version = 0, a.sensitivity = 0, a.own_sensitivity = 0,
                a.domain = row.domain, a.kind = 'DATASET', a += row.props, a.status = 'ACTIVE', a.run = $run,
                a.fingerprint = null, a.valid_from = row.valid, a.recorded_by = $by, a.recorded_run = $run
WITH row, row.valid AS valid, a,
// include: cypher.catalog/_was_known
SET a:Dataset, a.last_seen = $at, a.stub = CASE WHEN row.complete THEN false ELSE coalesce(a.stub, true) END,
    a.described_by = coalesce(a.described_by, row.props.described_by)
FOREACH (_ IN CASE WHEN a.described_by = row.props.described_by AND NOT row.late THEN [1] ELSE [] END |
  SET a += row.props, a.described_at = row.observed, a.status = 'ACTIVE', a.run = $run)
SET a.comment = coalesce(a.comment, row.props.comment),
    a.subtype = CASE WHEN a.subtype IS NULL OR a.subtype = 'UNKNOWN' THEN row.props.subtype ELSE a.subtype END,
    a.definition = coalesce(a.definition, row.props.definition),
    a.row_count = coalesce(a.row_count, row.props.row_count)
// include: cypher.catalog/_remember_known
WITH a AS d, row
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
  MERGE (a:Asset {urn: col.urn})
    ON CREATE SET a.key = col.key, a.first_seen = $at, a.version = 0, a.sensitivity = d.sensitivity,
                  a.own_sensitivity = 0, a.domain = d.domain, a.kind = 'COLUMN', a += col.props, a.status = 'ACTIVE',
                  a.run = $run, a.valid_from = row.valid, a.recorded_by = $by, a.recorded_run = $run
  WITH d, row, col, row.valid AS valid, a,
// include: cypher.catalog/_was_known
  FOREACH (_ IN CASE WHEN d.described_by = row.props.described_by AND NOT row.late THEN [1] ELSE [] END |
    SET a += col.props, a.status = 'ACTIVE', a.run = $run)
  SET a:Column, a.stub = false, a.last_seen = $at, a.comment = coalesce(a.comment, col.props.comment),
      a.data_type = CASE WHEN coalesce(a.data_type, '') = '' THEN col.props.data_type ELSE a.data_type END,
      a.ordinal = CASE WHEN coalesce(a.ordinal, 0) = 0 THEN col.props.ordinal ELSE a.ordinal END
// include: cypher.catalog/_remember_known
  MERGE (d)-[:CONTAINS]->(a)
}
RETURN count(d) AS datasets
