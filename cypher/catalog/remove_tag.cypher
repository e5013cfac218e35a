// Take a tag off assets the caller may see.
// mode:    write
// params:  urns: list[str], tag: str, clearance: int, domains: list[str]
// returns: urn: str
// budget:  100 ms
UNWIND $urns AS urn
MATCH (a:Asset {urn: urn})
WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
OPTIONAL MATCH (a)-[r:TAGGED]->(:Tag {name: $tag})
SET a.version = a.version + CASE WHEN r IS NULL THEN 0 ELSE 1 END
DELETE r
RETURN a.urn AS urn
