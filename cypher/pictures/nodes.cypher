// What a picture tells of these assets and of what holds them, in one row; the way up ends at what the reader may not see.
// mode:    read
// params:  urns: list[str], clearance: int, domains: list[str]
// returns: nodes: list[map]
// budget:  30 ms
UNWIND $urns AS urn
MATCH (a:Asset {urn: urn})
WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
OPTIONAL MATCH (h:Asset WHERE h.sensitivity <= $clearance AND ($domains IS NULL OR h.domain IN $domains))-[:CONTAINS]->(a)
OPTIONAL MATCH (o:Asset WHERE o.sensitivity <= $clearance AND ($domains IS NULL OR o.domain IN $domains))-[:CONTAINS]->(h)
RETURN collect(a {
  .urn, .name, .path, .kind, .subtype, .platform, .source, .domain, .sensitivity, .data_type, .ordinal,
  holders: [holder IN [h, o] WHERE holder IS NOT NULL | holder {.urn, .name, .path, .kind, .subtype, .platform, .source, .sensitivity}]
}) AS nodes
