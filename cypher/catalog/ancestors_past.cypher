// What holds each asset, as it was at a past instant, from the root down to its parent; the way up ends at what the reader may not see.
// mode:    read
// params:  urns: list[str], valid_at: str, known_at: str, clearance: int, domains: list[str]
// returns: urn: str, assets: list[map]
// budget:  80 ms
UNWIND $urns AS urn
MATCH (child:Asset {urn: urn})
CALL (child) {
  MATCH p = (child)(()<-[:CONTAINS]-(x:Asset WHERE x.sensitivity <= $clearance AND ($domains IS NULL OR x.domain IN $domains))){1,6}(:Asset)
  WITH p ORDER BY length(p) DESC LIMIT 1
  UNWIND range(length(p), 1, -1) AS far
  WITH nodes(p)[far] AS a, far, $valid_at AS valid_at, $known_at AS known_at
// include: cypher.catalog/_state
// include: cypher.governance/_level_past
  WITH a, s, level, far ORDER BY far DESC
  RETURN collect(a {
// include: cypher.catalog/_fields_past
  }) AS assets
}
RETURN urn, assets
