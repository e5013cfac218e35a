// What the log of a run is made of, where the reader may see its source: the run, its stages with when their attempts began and
// ended, and the tasks of which something happened since a time, with their attempts.
// mode:    read
// params:  id: str, since_ms: int, clearance: int, domains: list[str]
// returns: run: map, stages: list[map], tasks: list[map]
// budget:  100 ms
MATCH (r:Run {id: $id})-[:SCANS]->(s:Asset)
WHERE s.sensitivity <= $clearance AND ($domains IS NULL OR s.domain IN $domains)
CALL (r) {
  MATCH (r)-[:HAS_STAGE]->(g:RunStage)
  CALL (r, g) {
    MATCH (r)-[:HAS_TASK]->(t:RunTask)-[:TRIED]->(a:RunAttempt)
    WHERE t.stage = g.name
    RETURN min(a.started_ms) AS first_ms, max(a.finished_ms) AS last_ms
  }
  RETURN collect(g {.name, .state, .reason, .finished_at, first_ms: first_ms, last_ms: last_ms}) AS stages
}
CALL (r) {
  MATCH (r)-[:HAS_TASK]->(t:RunTask)
  WHERE any(at IN coalesce(t.held_ms, []) WHERE at >= $since_ms) OR EXISTS {
    MATCH (t)-[:TRIED]->(a:RunAttempt) WHERE a.started_ms >= $since_ms OR a.finished_ms >= $since_ms }
  RETURN collect(t {.stage, .n, .state, .held, .held_ms, .held_why, .retry_at, .error, attempts: [(t)-[:TRIED]->(a:RunAttempt) |
    a {.number, .worker, .started_ms, .finished_ms, .state, .kind, .error, .limited_ms}]}) AS tasks
}
RETURN r {.id, .state, .created_ms, .finished_ms, .error, .reason, .approval_why} AS run, stages, tasks
