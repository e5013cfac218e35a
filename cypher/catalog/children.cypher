// Pages of what these assets contain: columns by position, all else by urn; a key is [position, urn].
// mode:    read
// params:  urns: list[str], kind: str, stale: bool, key: list, backward: bool, first: int, clearance: int, domains: list[str]
// returns: urn: str, assets: list[map]
// budget:  60 ms
UNWIND $urns AS urn
MATCH (p:Asset {urn: urn})
WHERE p.sensitivity <= $clearance AND ($domains IS NULL OR p.domain IN $domains)
CALL (p) {
  MATCH (p)-[:CONTAINS]->(a:Asset)
  WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
    AND ($kind IS NULL OR a.kind = $kind) AND (a.status = 'ACTIVE' OR ($stale AND a.status <> 'DELETED'))
  WITH a, coalesce(a.ordinal, 0) AS position
  WHERE CASE
    WHEN $key IS NULL THEN true
    WHEN $backward THEN position < $key[0] OR (position = $key[0] AND a.urn < $key[1])
    ELSE position > $key[0] OR (position = $key[0] AND a.urn > $key[1]) END
  WITH a, position ORDER BY position, a.urn
  WITH collect(a) AS found
  WITH (CASE WHEN $backward THEN reverse(found) ELSE found END)[..$first] AS page
  UNWIND page AS a
  RETURN collect(a {
// include: cypher.catalog/_fields
  }) AS assets
}
RETURN urn, assets
