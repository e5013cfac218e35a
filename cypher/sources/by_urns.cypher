// Sources by urn, those of them the reader may see.
// mode:    read
// params:  urns: list[str], clearance: int, domains: list[str]
// returns: source: map
// budget:  20 ms
UNWIND $urns AS urn
MATCH (s:Asset {urn: urn})
WHERE s.kind = 'SOURCE' AND s.sensitivity <= $clearance AND ($domains IS NULL OR s.domain IN $domains)
RETURN s {
// include: cypher.sources/_fields
} AS source
