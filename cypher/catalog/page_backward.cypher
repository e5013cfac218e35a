// The page before a key, last row first; kinds come in reverse order of their urns.
// mode:    read
// params:  kinds: list[str], key: str, filter: map, first: int, clearance: int, domains: list[str]
// returns: asset: map
// budget:  60 ms
CALL () {
  UNWIND CASE WHEN $filter.source IS NULL THEN $kinds ELSE [] END AS kind
  CALL (kind) {
    MATCH (a:Asset) WHERE a.kind = kind AND a.urn < $key
    RETURN a ORDER BY a.kind DESC, a.urn DESC
  }
  RETURN a
  UNION ALL
  UNWIND CASE WHEN $filter.source IS NULL THEN [] ELSE $kinds END AS kind
  CALL (kind) {
    MATCH (a:Asset) WHERE a.source = $filter.source AND a.kind = kind AND a.urn < $key
    RETURN a ORDER BY a.source DESC, a.kind DESC, a.urn DESC
  }
  RETURN a
}
WITH a
WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
// include: cypher.catalog/_filter
WITH a LIMIT $first
RETURN a {
// include: cypher.catalog/_fields
} AS asset
