// Tags and owners of these assets, by name.
// mode:    read
// params:  urns: list[str], clearance: int, domains: list[str]
// returns: urn: str, tags: list[map], owners: list[map]
// budget:  50 ms
UNWIND $urns AS urn
MATCH (a:Asset {urn: urn})
WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
RETURN urn,
  COLLECT { MATCH (a)-[:TAGGED]->(t:Tag) RETURN t {.key, .name, .description} AS tag ORDER BY tag.name } AS tags,
  COLLECT { MATCH (a)<-[:OWNS]-(p:Person) RETURN p {.key, .name} AS owner ORDER BY owner.name } AS owners
