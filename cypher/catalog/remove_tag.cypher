// Take a tag off assets the caller may see; that they carried it is kept.
// mode:    write
// params:  urns: list[str], tag: str, by: str, at: str, clearance: int, domains: list[str]
// returns: urn: str
// budget:  100 ms
UNWIND $urns AS urn
MATCH (a:Asset {urn: urn})
WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
OPTIONAL MATCH (a)-[r:TAGGED]->(t:Tag {name: $tag})
FOREACH (_ IN CASE WHEN r IS NULL THEN [] ELSE [1] END |
  CREATE (a)-[past:WAS_TAGGED]->(t)
  SET past = properties(r), past.closed_at = $at, past.closed_by = $by, a.version = a.version + 1)
DELETE r
RETURN a.urn AS urn
