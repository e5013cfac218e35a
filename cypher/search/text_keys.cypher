// All that such a search matches, up to a bound.
// mode:    read
// params:  lucene: str, filter: map, bound: int, clearance: int, domains: list[str]
// returns: keys: list[int]
// budget:  150 ms
CALL db.index.fulltext.queryNodes('asset_text', $lucene) YIELD node AS a, score AS matched
WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
// include: cypher.catalog/_filter
// Every clause scores a constant, so that the order tells nothing of hidden assets; of equal matches the shorter name comes first.
WITH a.key AS key, a.urn AS urn,
     matched + 1.0 / (1 + size(a.name)) + CASE a.kind WHEN 'DATASET' THEN 0.5 WHEN 'COLUMN' THEN 0.0 ELSE 0.25 END AS score
WITH key LIMIT $bound
RETURN collect(key) AS keys
