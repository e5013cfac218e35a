// Those of these assets that are data tests, with what they test as far as the reader may see it.
// mode:    read
// params:  urns: list[str], clearance: int, domains: list[str]
// returns: test: map
// budget:  60 ms
UNWIND $urns AS urn
MATCH (t:Asset {urn: urn})
WHERE t:DataTest AND t.sensitivity <= $clearance AND ($domains IS NULL OR t.domain IN $domains)
CALL (t) {
  MATCH (t)-[:TESTS]->(a:Asset)
  WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
  WITH a ORDER BY a.urn LIMIT 100
  RETURN collect(a.urn) AS subjects
}
RETURN t {
// include: cypher.quality/_fields
} AS test
