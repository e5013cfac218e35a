// Pages of what these assets contained at a past instant: columns by the position they had, all else by urn; a key is [position, urn].
// mode:    read
// params:  urns: list[str], kind: str, stale: bool, key: list, backward: bool, first: int, valid_at: str, known_at: str, clearance: int, domains: list[str]
// returns: urn: str, assets: list[map]
// budget:  100 ms
UNWIND $urns AS urn
MATCH (p:Asset {urn: urn})
WHERE p.sensitivity <= $clearance AND ($domains IS NULL OR p.domain IN $domains)
CALL (p) {
  MATCH (p)-[:CONTAINS]->(a:Asset)
  WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
    AND ($kind IS NULL OR a.kind = $kind)
  WITH a, $valid_at AS valid_at, $known_at AS known_at
// include: cypher.catalog/_state
  WITH a, s, coalesce(s.ordinal, 0) AS position
  WHERE (s.status = 'ACTIVE' OR ($stale AND s.status <> 'DELETED')) AND CASE
    WHEN $key IS NULL THEN true
    WHEN $backward THEN position < $key[0] OR (position = $key[0] AND a.urn < $key[1])
    ELSE position > $key[0] OR (position = $key[0] AND a.urn > $key[1]) END
  WITH a, s, position ORDER BY position, a.urn
  WITH collect([a, s]) AS found
  WITH (CASE WHEN $backward THEN reverse(found) ELSE found END)[..$first] AS page
  UNWIND page AS pair
  WITH pair[0] AS a, pair[1] AS s
// include: cypher.governance/_level_past
  RETURN collect(a {
// include: cypher.catalog/_fields_past
  }) AS assets
}
RETURN urn, assets
