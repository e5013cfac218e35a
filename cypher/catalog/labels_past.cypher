// Tags and owners that these assets had at a past instant, by name.
// mode:    read
// params:  urns: list[str], valid_at: str, known_at: str, clearance: int, domains: list[str]
// returns: urn: str, tags: list[map], owners: list[map]
// budget:  60 ms
UNWIND $urns AS urn
MATCH (a:Asset {urn: urn})
WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
RETURN urn,
  COLLECT {
    MATCH (a)-[r:TAGGED|WAS_TAGGED]->(t:Tag)
    WHERE r.at <= $valid_at AND r.at <= $known_at
      AND (r.closed_at IS NULL OR r.closed_at > $valid_at OR r.closed_at > $known_at)
    RETURN DISTINCT t {.key, .name, .description} AS tag ORDER BY tag.name
  } AS tags,
  COLLECT {
    MATCH (a)<-[r:OWNS]-(p:Person)
    WHERE r.at <= $valid_at AND r.at <= $known_at
    RETURN p {.key, .name} AS owner ORDER BY owner.name
  } AS owners
