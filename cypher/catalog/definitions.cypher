// The code of views and jobs: long texts, read only where somebody asks for them.
// mode:    read
// params:  urns: list[str], clearance: int, domains: list[str]
// returns: urn: str, definition: str
// budget:  30 ms
UNWIND $urns AS urn
MATCH (a:Asset {urn: urn})
WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
RETURN urn, a.definition AS definition
