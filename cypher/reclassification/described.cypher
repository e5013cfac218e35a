// Datasets with what the texts say that are embedded of them and of their columns: names, comments, tags of the source, and what is said of each
// column that nobody rejected.
// mode:    read
// params:  urns: list[str]
// returns: dataset: map
// budget:  300 ms
UNWIND $urns AS urn
MATCH (d:Asset {urn: urn})
RETURN d {.urn, .path, .subtype, .row_count, .properties, .comment,
  above: COLLECT { MATCH (d)<-[:CONTAINS*1..3]-(a:Asset WHERE a.kind IN ['DATABASE', 'SCHEMA']) RETURN a.name ORDER BY size(a.path) },
  tags: COLLECT { MATCH (d)-[r:TAGGED]->(t:Tag) WHERE r.by STARTS WITH 'source:' RETURN t.name },
  columns: COLLECT {
    MATCH (d)-[:CONTAINS]->(c:Column)
    WHERE c.status = 'ACTIVE'
    RETURN c {.urn, .name, .data_type, .comment, .ordinal,
      labels: COLLECT { MATCH (c)-[v:CLASSIFIED_AS]->(k) WHERE v.status <> 'REJECTED' RETURN k.name }} AS column
    ORDER BY c.ordinal, c.urn
  }} AS dataset
