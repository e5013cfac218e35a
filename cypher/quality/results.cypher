// Pages of the results of these data tests, the newest first; of those alone that test something the reader may see.
// mode:    read
// params:  urns: list[str], key: list, backward: bool, first: int, clearance: int, domains: list[str]
// returns: urn: str, results: list[map]
// budget:  60 ms
UNWIND $urns AS urn
MATCH (t:Asset {urn: urn})
WHERE t:DataTest AND t.sensitivity <= $clearance AND ($domains IS NULL OR t.domain IN $domains)
  AND EXISTS {
    MATCH (t)-[:TESTS]->(a:Asset)
    WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
  }
CALL (t) {
  MATCH (t)-[:GAVE]->(r:DataTestResult)
  WHERE CASE WHEN $key IS NULL THEN true WHEN $backward THEN [r.at, r.id] > $key ELSE [r.at, r.id] < $key END
  WITH r ORDER BY r.at DESC, r.id DESC
  WITH collect(properties(r)) AS found
  RETURN (CASE WHEN $backward THEN reverse(found) ELSE found END)[..$first] AS results
}
RETURN urn, results
