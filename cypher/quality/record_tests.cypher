// Data tests with what they test and how they went; of each test the latest results are kept, and the newest is the test's own.
// mode:    write
// params:  rows: list[map], kept: int
// returns: tests: int
// budget:  400 ms
UNWIND $rows AS row
MATCH (t:Asset {urn: row.urn})
SET t:DataTest, t.test_check = row.check, t.test_tool = row.tool
WITH t, row
CALL (t, row) {
  MATCH (t)-[old:TESTS]->(a:Asset)
  WHERE NOT a.urn IN row.subjects
  DELETE old
}
CALL (t, row) {
  UNWIND row.subjects AS urn
  MATCH (a:Asset {urn: urn})
  MERGE (t)-[:TESTS]->(a)
}
CALL (t, row) {
  UNWIND row.results AS result
  MERGE (r:DataTestResult {id: result.id})
    ON CREATE SET r += result.props
  MERGE (t)-[:GAVE]->(r)
}
CALL (t) {
  MATCH (t)-[:GAVE]->(r:DataTestResult)
  WITH r ORDER BY r.at DESC, r.id DESC SKIP $kept
  DETACH DELETE r
}
CALL (t) {
  MATCH (t)-[:GAVE]->(r:DataTestResult)
  WITH r ORDER BY r.at DESC, r.id DESC LIMIT 1
  SET t.test_status = r.status, t.test_at = r.at, t.test_figures = r.figures
}
RETURN count(t) AS tests
