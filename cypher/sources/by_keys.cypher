// Sources by key, those of them the reader may see.
// mode:    read
// params:  keys: list[int], clearance: int, domains: list[str]
// returns: source: map
// budget:  20 ms
UNWIND $keys AS key
MATCH (s:Asset {key: key})
WHERE s.kind = 'SOURCE' AND s.sensitivity <= $clearance AND ($domains IS NULL OR s.domain IN $domains)
RETURN s {
// include: cypher.sources/_fields
} AS source
