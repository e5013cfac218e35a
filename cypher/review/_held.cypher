// Of suggestions `v` of `a` on `c` those in an asset and in what somebody owns, whose urns are `owned`; looked for upwards.
// params:  under: str, owned: list[str]
WITH v, a, c, COLLECT { MATCH (h)-[:CONTAINS*0..5]->(a) RETURN h.urn } AS holders
WHERE ($under IS NULL OR $under IN holders) AND ($owned IS NULL OR any(holder IN holders WHERE holder IN $owned))
