// How many assets lie downstream of these within five hops, up to a thousand, as far as the reader may see them.
// mode:    read
// params:  urns: list[str], clearance: int, domains: list[str]
// returns: urn: str, downstream: int
// budget:  60 ms
UNWIND $urns AS urn
MATCH (a:Asset {urn: urn})
WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
RETURN urn, COUNT {
  MATCH (a)-[:FEEDS*1..5]->(d:Asset)
  WHERE d.sensitivity <= $clearance AND ($domains IS NULL OR d.domain IN $domains)
  RETURN DISTINCT d LIMIT 1000
} AS downstream
