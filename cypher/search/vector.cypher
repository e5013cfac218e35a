// The assets whose meaning is nearest to a vector: how many the index gave, the least similar of them, and those to be shown.
// mode:    read
// params:  vector: list[float], filter: map, limit: int, clearance: int, domains: list[str]
// returns: seen: int, least: float, hits: list[list]
// budget:  100 ms
MATCH (a:Asset)
SEARCH a IN (VECTOR INDEX asset_embedding FOR $vector LIMIT $limit) SCORE AS similarity
// A condition inside of SEARCH would be quicker, but where none of its candidates is left alive, 2026.09.0 fails on it and never answers.
WITH a, similarity, a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
// include: cypher.catalog/_filter
  AS shown
RETURN count(*) AS seen, min(similarity) AS least, collect(CASE WHEN shown THEN [a.key, similarity] END) AS hits
