// Put a tag on assets the caller may see.
// mode:    write
// params:  urns: list[str], tag: str, key: int, by: str, at: str, clearance: int, domains: list[str]
// returns: urn: str
// budget:  100 ms
MERGE (t:Tag {name: $tag})
  ON CREATE SET t.key = $key
WITH t
UNWIND $urns AS urn
MATCH (a:Asset {urn: urn})
WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
MERGE (a)-[r:TAGGED]->(t)
  ON CREATE SET r.by = $by, r.at = $at, a.version = a.version + 1
RETURN a.urn AS urn
