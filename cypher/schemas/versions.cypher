// Pages of the versions of schemas, the newest first.
// mode:    read
// params:  urns: list[str], key: int, backward: bool, first: int, clearance: int, domains: list[str]
// returns: urn: str, versions: list[map]
// budget:  50 ms
UNWIND $urns AS urn
MATCH (d:Asset {urn: urn})
WHERE d.sensitivity <= $clearance AND ($domains IS NULL OR d.domain IN $domains)
CALL (d) {
  MATCH (d)-[:HAS_SCHEMA]->(v:SchemaVersion)
  WHERE $key IS NULL OR CASE WHEN $backward THEN v.number > $key ELSE v.number < $key END
  WITH v ORDER BY v.number DESC
  WITH collect(properties(v)) AS found
  RETURN (CASE WHEN $backward THEN reverse(found) ELSE found END)[..$first] AS versions
}
RETURN urn, versions
