// What holds each asset, from the root down to its parent; the way up ends at what the reader may not see.
// mode:    read
// params:  urns: list[str], clearance: int, domains: list[str]
// returns: urn: str, assets: list[map]
// budget:  50 ms
UNWIND $urns AS urn
MATCH (child:Asset {urn: urn})
CALL (child) {
  MATCH p = (child)(()<-[:CONTAINS]-(a:Asset WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains))){1,6}(:Asset)
  WITH p ORDER BY length(p) DESC LIMIT 1
  UNWIND reverse(nodes(p)[1..]) AS a
  RETURN collect(a {
// include: cypher.catalog/_fields
  }) AS assets
}
RETURN urn, assets
