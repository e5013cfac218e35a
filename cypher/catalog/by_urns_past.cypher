// Assets by urn as they were at a past instant: those of them that were there then and that the reader may see now.
// mode:    read
// params:  urns: list[str], valid_at: str, known_at: str, clearance: int, domains: list[str]
// returns: asset: map
// budget:  60 ms
UNWIND $urns AS urn
MATCH (a:Asset {urn: urn})
WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
WITH a, $valid_at AS valid_at, $known_at AS known_at
// include: cypher.catalog/_state
// include: cypher.governance/_level_past
RETURN a {
// include: cypher.catalog/_fields_past
} AS asset
