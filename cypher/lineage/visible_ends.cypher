// Which of two assets the caller may see, and what they are.
// mode:    read
// params:  urns: list[str], clearance: int, domains: list[str]
// returns: urn: str, kind: str
// budget:  20 ms
UNWIND $urns AS urn
MATCH (a:Asset {urn: urn})
WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
RETURN a.urn AS urn, a.kind AS kind
