// The highest level among each asset and what the reader can see below it; the way down ends at what is hidden.
// mode:    read
// params:  urns: list[str], clearance: int, domains: list[str]
// returns: urn: str, level: int
// budget:  300 ms
UNWIND $urns AS urn
MATCH (top:Asset {urn: urn})
CALL (top) {
  MATCH (top)(()-[:CONTAINS]->(x:Asset WHERE x.sensitivity <= $clearance AND ($domains IS NULL OR x.domain IN $domains))){0,5}(a:Asset)
  RETURN max(a.sensitivity) AS level
}
RETURN urn, level
