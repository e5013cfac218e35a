// What stands of pairs of an asset and a classification; null where the reader sees no such asset, or there is no such classification.
// mode:    read
// params:  rows: list[map], clearance: int, domains: list[str]
// returns: n: int, urn: str, classification: str, verdict: map
// budget:  100 ms
UNWIND $rows AS row
OPTIONAL MATCH (a:Asset {urn: row.urn})
WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
OPTIONAL MATCH (c:Classification {name: row.classification}) WHERE NOT coalesce(c.deleted, false)
RETURN row.n AS n, a.urn AS urn, c.name AS classification,
  head(COLLECT { MATCH (a)-[v:CLASSIFIED_AS]->(c) RETURN v {.status, .origin, .confidence, .decided_by, .decided_at, .decided_reason,
    decided_name: head(COLLECT { MATCH (t:Token {id: v.decided_by}) RETURN t.name })} }) AS verdict
