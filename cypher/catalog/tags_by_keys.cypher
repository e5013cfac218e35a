// Tags by key, those of them that an asset carries which the reader may see.
// mode:    read
// params:  keys: list[int], clearance: int, domains: list[str]
// returns: tag: map, assets: int
// budget:  50 ms
UNWIND $keys AS key
MATCH (t:Tag {key: key})<-[:TAGGED]-(a:Asset)
WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
RETURN t {.key, .name, .description} AS tag, count(a) AS assets
