// What datasets that were there before `at` hold now, and which version of their schema they are said to have.
// mode:    read
// params:  urns: list[str], at: str
// returns: urn: str, version: int, digest: str, source: str, ordered: bool, gone: bool, last: map, columns: list[map]
// budget:  100 ms
UNWIND $urns AS urn
MATCH (d:Asset {urn: urn})
WHERE d.first_seen < $at OR d.schema_version IS NOT NULL
CALL (d) {
  MATCH (d)-[:CONTAINS]->(c:Column)
  WHERE c.status = 'ACTIVE' AND NOT coalesce(c.stub, false)
  RETURN collect(c {.urn, .name, .data_type, .nullable, .ordinal}) AS columns
}
RETURN urn, d.schema_version AS version, d.schema_digest AS digest, d.described_by AS source,
       coalesce(d.described_by = d.source, false) AS ordered, coalesce(d.status, 'ACTIVE') <> 'ACTIVE' AS gone,
       head(COLLECT { MATCH (d)-[:HAS_SCHEMA]->(v:SchemaVersion) WHERE v.number = d.schema_version RETURN v {.source, .valid_from, .gone} }) AS last,
       columns
