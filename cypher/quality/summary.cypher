// How many data tests of these assets stand how; those that never gave a result have no status.
// mode:    read
// params:  urns: list[str], columns: bool, clearance: int, domains: list[str]
// returns: urn: str, counts: list[list]
// budget:  60 ms
UNWIND $urns AS urn
MATCH (top:Asset {urn: urn})
WHERE top.sensitivity <= $clearance AND ($domains IS NULL OR top.domain IN $domains)
CALL (top) {
// include: cypher.quality/_of_asset
  WITH t.test_status AS status, count(DISTINCT t) AS tests
  RETURN collect([status, tests]) AS counts
}
RETURN urn, counts
