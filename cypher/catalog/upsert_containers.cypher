// Sources, databases, schemas, parents first: created or refreshed, each under its one parent.
// mode:    write
// params:  rows: list[map], at: str, by: str, run: str
// returns: written: int
// budget:  300 ms
UNWIND $rows AS row
MERGE (a:Asset {urn: row.urn})
  ON CREATE SET a.key = row.key, a.first_seen = $at, a.version = 0, a.sensitivity = 0, a.own_sensitivity = 0,
                a.domain = row.domain, a.kind = row.props.kind,
                a.valid_from = row.valid, a.recorded_by = $by, a.recorded_run = $run
WITH row, row.valid AS valid, a,
// include: cypher.catalog/_was_known
SET a:$(row.label), a += row.props, a.stub = row.stub, a.status = 'ACTIVE', a.last_seen = $at, a.run = $run
// include: cypher.catalog/_remember_known
WITH a, row
CALL (a, row) {
  WITH a, row WHERE row.parent IS NOT NULL
  MATCH (p:Asset {urn: row.parent})
  OPTIONAL MATCH (other:Asset)-[old:CONTAINS]->(a) WHERE other <> p
  DELETE old
  WITH DISTINCT a, p
  MERGE (p)-[:CONTAINS]->(a)
}
RETURN count(DISTINCT a) AS written
