// Tasks of these runs with their attempts, by stage and number, of runs whose source the reader may see.
// mode:    read
// params:  ids: list[str], states: list[str], key: str, backward: bool, first: int, clearance: int, domains: list[str]
// returns: id: str, tasks: list[map]
// budget:  100 ms
UNWIND $ids AS id
MATCH (r:Run {id: id})-[:SCANS]->(s:Asset)
WHERE s.sensitivity <= $clearance AND ($domains IS NULL OR s.domain IN $domains)
CALL (r) {
  MATCH (r)-[:HAS_TASK]->(t:RunTask)
  WHERE ($states IS NULL OR t.state IN $states)
    AND CASE WHEN $key IS NULL THEN true WHEN $backward THEN t.id < $key ELSE t.id > $key END
  WITH t ORDER BY t.id
  WITH collect(t) AS found
  WITH (CASE WHEN $backward THEN reverse(found) ELSE found END)[..$first] AS page
  UNWIND range(0, size(page) - 1) AS n
  WITH page[n] AS t, n
  CALL (t) {
    MATCH (t)-[:TRIED]->(a:RunAttempt)
    WITH a ORDER BY a.number DESC LIMIT 20
    RETURN collect(properties(a)) AS attempts
  }
  WITH t {.*, attempts: attempts} AS task, n ORDER BY n
  RETURN collect(task) AS tasks
}
RETURN id, tasks
