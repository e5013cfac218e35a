// Assets by key, those of them the reader may see.
// mode:    read
// params:  keys: list[int], clearance: int, domains: list[str]
// returns: asset: map
// budget:  30 ms
UNWIND $keys AS key
MATCH (a:Asset {key: key})
WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
RETURN a {
// include: cypher.catalog/_fields
} AS asset
