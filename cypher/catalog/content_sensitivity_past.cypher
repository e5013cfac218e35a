// The highest level that a verdict gave each asset, or what the reader can see below it, as of a past instant.
// mode:    read
// params:  urns: list[str], valid_at: str, known_at: str, clearance: int, domains: list[str]
// returns: urn: str, level: int
// budget:  300 ms
UNWIND $urns AS urn
MATCH (top:Asset {urn: urn})
CALL (top) {
  MATCH (top)(()-[:CONTAINS]->(x:Asset WHERE x.sensitivity <= $clearance AND ($domains IS NULL OR x.domain IN $domains))){0,5}(a:Asset)
  MATCH (a)-[v:CLASSIFIED_AS|WAS_CLASSIFIED_AS|INHERITS|WAS_INHERITS]->(c:Classification)
  WHERE v.status <> 'REJECTED' AND
// include: cypher.governance/_held
  RETURN max(c.sensitivity) AS level
}
RETURN urn, coalesce(level, 0) AS level
