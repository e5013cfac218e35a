// The code of views and jobs as it was at a past instant.
// mode:    read
// params:  urns: list[str], valid_at: str, known_at: str, clearance: int, domains: list[str]
// returns: urn: str, definition: str
// budget:  50 ms
UNWIND $urns AS urn
MATCH (a:Asset {urn: urn})
WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
WITH a, urn, $valid_at AS valid_at, $known_at AS known_at
// include: cypher.catalog/_state
RETURN urn, s.definition AS definition
