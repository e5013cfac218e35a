// What was mentioned in this namespace before its source was registered moves under the registered source.
// mode:    write
// params:  urn: str, stub: str, source: str
// returns: moved: int
// budget:  200 ms
MATCH (s:Asset {urn: $urn})
MATCH (old:Asset {urn: $stub})
WHERE old.stub
CALL (s, old) {
  MATCH (old)-[r:CONTAINS]->(child:Asset)
  DELETE r
  MERGE (s)-[:CONTAINS]->(child)
  WITH child
  MATCH (child)-[:CONTAINS*0..3]->(below:Asset)
  SET below.source = $source
  RETURN count(DISTINCT child) AS moved
}
OPTIONAL MATCH (old)-[:WAS]->(past:AssetState)
DETACH DELETE past, old
RETURN moved
