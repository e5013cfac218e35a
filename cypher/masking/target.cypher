// A dataset with its present columns, those the reader may see, and what is said of them, there, along lineage, or of what holds them; for the command that samples, never for an answer.
// mode:    read
// params:  urn: str, clearance: int, domains: list[str]
// returns: dataset: map
// budget:  50 ms
MATCH (d:Asset {urn: $urn, kind: 'DATASET'})
WHERE d.sensitivity <= $clearance AND ($domains IS NULL OR d.domain IN $domains)
RETURN d {.urn, .name, .path, .source, .subtype, .row_count, .properties,
  above: COLLECT { MATCH (d)<-[:CONTAINS*1..3]-(a:Asset WHERE a.kind IN ['DATABASE', 'SCHEMA']) RETURN a.name ORDER BY size(a.path) },
  columns: COLLECT {
    MATCH (d)-[:CONTAINS]->(c:Column)
    WHERE c.status = 'ACTIVE' AND c.sensitivity <= $clearance AND ($domains IS NULL OR c.domain IN $domains)
    RETURN c {.urn, .name, .data_type, .comment, .sensitivity, .ordinal,
      verdicts: COLLECT {
        MATCH (c)-[v:CLASSIFIED_AS|INHERITS]->(k:Classification)
        RETURN {classification: k.name, status: v.status} AS said
        UNION ALL
        MATCH (c)<-[:CONTAINS]-{1,5}(:Asset)-[v:CLASSIFIED_AS]->(k:Classification)
        WHERE v.status = 'CONFIRMED'
        RETURN {classification: k.name, status: v.status} AS said
      }} AS column
    ORDER BY c.ordinal, c.urn
  }} AS dataset
