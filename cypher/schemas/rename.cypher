// Two columns one of which may be the other under a new name, and what people said of each.
// mode:    read
// params:  old: str, new: str, clearance: int, domains: list[str]
// returns: same_dataset: bool, renamed_to: str, before: map, after: map
// budget:  50 ms
MATCH (o:Asset {urn: $old})
MATCH (n:Asset {urn: $new})
WHERE o.sensitivity <= $clearance AND ($domains IS NULL OR o.domain IN $domains)
  AND n.sensitivity <= $clearance AND ($domains IS NULL OR n.domain IN $domains)
RETURN EXISTS { (o)<-[:CONTAINS]-(d:Dataset) WHERE EXISTS { (d)-[:CONTAINS]->(n:Column) } } AS same_dataset,
  head(COLLECT { MATCH (o)-[:RENAMED_TO]->(other:Asset) RETURN other.urn }) AS renamed_to,
  o {.name, .status, .description,
    tags: COLLECT { MATCH (o)-[r:TAGGED]->(t:Tag) WHERE NOT coalesce(r.by, '') STARTS WITH 'source:' RETURN t.name },
    owners: COLLECT { MATCH (o)<-[r:OWNS]-(p:Person) WHERE NOT coalesce(r.by, '') STARTS WITH 'source:' RETURN p.name },
    verdicts: COLLECT { MATCH (o)-[v:CLASSIFIED_AS]->(c:Classification) WHERE v.decided_by IS NOT NULL
      RETURN {name: c.name, status: v.status, by: v.decided_by, reason: v.decided_reason} }} AS before,
  n {.name, .status, .description,
    verdicts: COLLECT { MATCH (n)-[v:CLASSIFIED_AS]->(c:Classification) WHERE v.decided_by IS NOT NULL RETURN c.name }} AS after
