// A dataset `d` with its present columns and what is said of them, each as [classification, tier, confidence, decided, supported by a model,
// past, inherited]; what was withdrawn since it was judged is among it.
RETURN d {.urn, .path, .subtype, .row_count, .properties, .judged_by, .fingerprint,
  above: COLLECT { MATCH (d)<-[:CONTAINS*1..3]-(a:Asset WHERE a.kind IN ['DATABASE', 'SCHEMA']) RETURN a.name ORDER BY size(a.path) },
  said: COLLECT {
    MATCH (d)-[v:CLASSIFIED_AS]->(k)
    RETURN [k.name, coalesce(v.tier, 1), coalesce(v.confidence, 0.0), v.decided_by IS NOT NULL, false, false, false]
  },
  columns: COLLECT {
    MATCH (d)-[:CONTAINS]->(c:Column)
    WHERE c.status = 'ACTIVE'
    RETURN c {.urn, .name, .data_type, .comment, .ordinal,
      said: COLLECT {
        MATCH (c)-[v:CLASSIFIED_AS|INHERITS]->(k)
        // A model that supports a verdict of the rules says so in its reason.
        RETURN [k.name, coalesce(v.tier, 1), coalesce(v.confidence, 0.0), v.decided_by IS NOT NULL,
                coalesce(v.reason, '') CONTAINS 'model', false, type(v) = 'INHERITS']
      } + COLLECT {
        MATCH (c)-[v:WAS_CLASSIFIED_AS]->(k)
        WHERE v.closed_at >= d.judged_at
        RETURN [k.name, coalesce(v.tier, 1), coalesce(v.confidence, 0.0), v.decided_by IS NOT NULL, false, true, false]
      }} AS column
    ORDER BY c.ordinal, c.urn
  }} AS dataset
