// Pages of the data tests of these assets, by urn.
// mode:    read
// params:  urns: list[str], columns: bool, statuses: list[str], key: str, backward: bool, first: int, clearance: int, domains: list[str]
// returns: urn: str, tests: list[map]
// budget:  60 ms
UNWIND $urns AS urn
MATCH (top:Asset {urn: urn})
WHERE top.sensitivity <= $clearance AND ($domains IS NULL OR top.domain IN $domains)
CALL (top) {
// include: cypher.quality/_of_asset
    AND ($statuses IS NULL OR t.test_status IN $statuses)
    AND CASE WHEN $key IS NULL THEN true WHEN $backward THEN t.urn < $key ELSE t.urn > $key END
  WITH a, t ORDER BY a.urn
  WITH t, collect(a.urn)[..100] AS subjects ORDER BY t.urn
  WITH collect(t {
// include: cypher.quality/_fields
  }) AS found
  RETURN (CASE WHEN $backward THEN reverse(found) ELSE found END)[..$first] AS tests
}
RETURN urn, tests
