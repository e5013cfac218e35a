// Assets by urn, those of them the reader may see.
// mode:    read
// params:  urns: list[str], clearance: int, domains: list[str]
// returns: asset: map
// budget:  30 ms
UNWIND $urns AS urn
MATCH (a:Asset {urn: urn})
WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
RETURN a {
// include: cypher.catalog/_fields
} AS asset
