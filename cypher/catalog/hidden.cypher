// Those of these urns that are there and not for this reader.
// mode:    read
// params:  urns: list[str], clearance: int, domains: list[str]
// returns: urn: str
// budget:  50 ms
UNWIND $urns AS urn
MATCH (a:Asset {urn: urn})
WHERE NOT (a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains))
RETURN urn
