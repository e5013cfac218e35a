// The level that access is decided by: the highest on the way down from the root, for these assets and all they contain.
// mode:    write
// params:  urns: list[str]
// returns: written: int
// budget:  400 ms
UNWIND $urns AS urn
MATCH (top:Asset {urn: urn})
OPTIONAL MATCH (top)<-[:CONTAINS]-(parent)
// What is above is read once for all that are in one place.
WITH parent, collect(DISTINCT top) AS tops
CALL (parent) {
  OPTIONAL MATCH (parent)<-[:CONTAINS*0..4]-(above)
  RETURN coalesce(max(above.own_sensitivity), -1) AS over
}
UNWIND tops AS top
CALL (top) {
  MATCH way = (top)-[:CONTAINS*0..4]->(a)
  RETURN a, reduce(most = -1, each IN nodes(way) | CASE WHEN each.own_sensitivity > most THEN each.own_sensitivity ELSE most END) AS own
}
WITH a, max(CASE WHEN own > over THEN own ELSE over END) AS level
WHERE level >= 0 AND a.sensitivity <> level
SET a.sensitivity = level
RETURN count(a) AS written
