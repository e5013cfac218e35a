// What is known of the schemas of datasets: their versions, newest first, and of each column that the reader may see what it
// was, from when on by what was recorded when; what it is now is a state like the others.
// mode:    read
// params:  urns: list[str], versions: int, clearance: int, domains: list[str]
// returns: urn: str, dataset: map, versions: list[map], columns: list[map]
// budget:  250 ms
UNWIND $urns AS urn
MATCH (d:Asset {urn: urn})
WHERE d.sensitivity <= $clearance AND ($domains IS NULL OR d.domain IN $domains)
CALL (d) {
  MATCH (d)-[:HAS_SCHEMA]->(v:SchemaVersion)
  WITH v ORDER BY v.number DESC LIMIT $versions
  RETURN collect(properties(v)) AS versions
}
CALL (d) {
  MATCH (d)-[:CONTAINS]->(c:Column)
  WHERE c.sensitivity <= $clearance AND ($domains IS NULL OR c.domain IN $domains)
  CALL (c) {
    RETURN c AS s
    UNION ALL
    MATCH (c)-[:WAS]->(past:AssetState)
    RETURN past AS s
  }
  WITH c, collect({name: s.name, data_type: s.data_type, nullable: s.nullable, ordinal: s.ordinal, status: s.status,
    stub: coalesce(s.stub, false), valid_from: coalesce(s.valid_from, s.first_seen),
    recorded_at: coalesce(s.recorded_at, s.first_seen)}) AS states
  RETURN collect({urn: c.urn, description: coalesce(c.description, c.comment), rows: c.sampled_rows, nulls: c.sampled_nulls,
    distinct: c.sampled_distinct, states: states,
    renamed_to: head(COLLECT { MATCH (c)-[:RENAMED_TO]->(n:Asset) RETURN n.urn })}) AS columns
}
RETURN urn, d {.status, ordered: coalesce(d.described_by = d.source, false)} AS dataset, versions, columns
