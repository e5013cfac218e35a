// The page of such a list before one of its rows, last row first.
// mode:    read
// params:  lucene: str, filter: map, score: float, urn: str, first: int, clearance: int, domains: list[str]
// returns: key: int, urn: str, score: float
// budget:  150 ms
CALL db.index.fulltext.queryNodes('asset_text', $lucene) YIELD node AS a, score AS matched
WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
// include: cypher.catalog/_filter
// Every clause scores a constant, so that the order tells nothing of hidden assets; of equal matches the shorter name comes first.
WITH a.key AS key, a.urn AS urn,
     matched + 1.0 / (1 + size(a.name)) + CASE a.kind WHEN 'DATASET' THEN 0.5 WHEN 'COLUMN' THEN 0.0 ELSE 0.25 END AS score
WHERE $score IS NULL OR score > $score OR (score = $score AND urn < $urn)
RETURN key, urn, score
ORDER BY score, urn DESC
LIMIT $first
