// The level that access is decided by: the highest on the way down from the root, for these assets and all they contain.
// mode:    write
// params:  urns: list[str]
// returns: written: int
// budget:  400 ms
UNWIND $urns AS urn
MATCH (top:Asset {urn: urn})
MATCH (top)-[:CONTAINS*0..4]->(a:Asset)
WITH DISTINCT a
CALL (a) {
  MATCH (above:Asset)-[:CONTAINS*0..5]->(a)
  RETURN max(above.own_sensitivity) AS level
}
WITH a, level WHERE a.sensitivity <> level
SET a.sensitivity = level
RETURN count(a) AS written
