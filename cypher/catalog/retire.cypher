// Datasets that a scan looked for and did not find: kept, marked stale, and with them containers left without any.
// mode:    write
// params:  urns: list[str], source: str
// returns: retired: int
// budget:  500 ms
CALL () {
  UNWIND $urns AS urn
  MATCH (d:Asset {urn: urn})
  CALL (d) {
    MATCH (d)-[:CONTAINS*0..1]->(gone:Asset) WHERE gone.status = 'ACTIVE'
    SET gone.status = 'STALE'
    RETURN count(gone) AS assets
  }
  RETURN sum(assets) AS retired
}
CALL () {
  UNWIND ['SCHEMA', 'DATABASE'] AS kind
  MATCH (c:Asset {source: $source, kind: kind})
  WHERE c.urn >= '' AND c.status = 'ACTIVE' AND NOT EXISTS { (c)-[:CONTAINS]->(child:Asset WHERE child.status = 'ACTIVE') }
  SET c.status = 'STALE'
  RETURN count(c) AS emptied
}
RETURN retired
