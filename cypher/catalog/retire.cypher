// Datasets that a scan looked for and did not find: kept, marked stale, and with them containers left without any.
// mode:    write
// params:  urns: list[str], source: str, at: str, valid: str, by: str, run: str
// returns: retired: int
// budget:  500 ms
CALL () {
  UNWIND $urns AS urn
  MATCH (d:Asset {urn: urn})
  CALL (d) {
    MATCH (d)-[:CONTAINS*0..1]->(a:Asset) WHERE a.status = 'ACTIVE'
    WITH $valid AS valid, a,
// include: cypher.catalog/_was_known
    SET a.status = 'STALE', a.stale_since = $at, a.status_reason = null
// include: cypher.catalog/_remember_known
    RETURN count(a) AS assets
  }
  RETURN sum(assets) AS retired
}
CALL () {
  UNWIND ['SCHEMA', 'DATABASE'] AS kind
  MATCH (a:Asset {source: $source, kind: kind})
  WHERE a.urn >= '' AND a.status = 'ACTIVE' AND NOT EXISTS { (a)-[:CONTAINS]->(child:Asset WHERE child.status = 'ACTIVE') }
  WITH $valid AS valid, a,
// include: cypher.catalog/_was_known
  SET a.status = 'STALE', a.stale_since = $at, a.status_reason = null
// include: cypher.catalog/_remember_known
  RETURN count(a) AS emptied
}
RETURN retired
