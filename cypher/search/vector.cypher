// Assets whose meaning is nearest to a vector; access and kind are decided inside the index.
// mode:    read
// params:  vector: list[float], kinds: list[str], filter: map, limit: int, clearance: int, domains: list[str]
// returns: key: int, similarity: float
// budget:  100 ms
CALL () {
  UNWIND CASE WHEN $domains IS NULL THEN [$clearance] ELSE [] END AS level
  CALL (level) {
    MATCH (a:Asset)
    SEARCH a IN (VECTOR INDEX asset_embedding FOR $vector WHERE a.sensitivity <= level AND a.kind IN $kinds LIMIT $limit) SCORE AS similarity
    RETURN a, similarity
  }
  RETURN a, similarity
  UNION ALL
  UNWIND CASE WHEN $domains IS NULL THEN [] ELSE [$clearance] END AS level
  CALL (level) {
    MATCH (a:Asset)
    SEARCH a IN (VECTOR INDEX asset_embedding FOR $vector WHERE a.sensitivity <= level AND a.kind IN $kinds AND a.domain IN $domains LIMIT $limit) SCORE AS similarity
    RETURN a, similarity
  }
  RETURN a, similarity
}
WITH a, similarity
WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
// include: cypher.catalog/_filter
RETURN a.key AS key, similarity
ORDER BY similarity DESC, a.urn
