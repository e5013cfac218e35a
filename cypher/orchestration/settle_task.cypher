// The end of one attempt at a task by whoever holds it, and all that is needed to decide what follows; no row where another holds it.
// mode:    write
// params:  id: str, attempt: int, props: map, outcome: map, wait_ms: int, used: map
// returns: run: map, task: map, source: map, workflow: str, stages: list[map]
// budget:  50 ms
MATCH (t:RunTask {id: $id})<-[:HAS_TASK]-(r:Run)-[:SCANS]->(s:Asset), (r)-[:FOLLOWS]->(w:Workflow)
SET r.lock = 'settle', t.lock = 'settle'
WITH t, r, s, w, datetime.realtime().epochMillis AS now
WHERE t.attempt = $attempt AND t.state = 'RUNNING'
SET t += $props, t.lease_until = null, t.retry_at = CASE WHEN $wait_ms IS NULL THEN null ELSE now + $wait_ms END,
    t.ready_ms = CASE WHEN $wait_ms IS NULL THEN t.ready_ms ELSE now + $wait_ms END,
    // What its worker did not come to the end of goes before all that waits in its band: its run was on its way.
    t.place = CASE WHEN $outcome.kind = 'worker_lost' OR $outcome.state = 'HANDED_BACK' THEN left(t.place, 2) + '0' + substring(t.place, 3) ELSE t.place END
WITH t, r, s, w, now
MATCH (a:RunAttempt {id: $id + '/' + $attempt})
SET a += $outcome, a.finished_ms = now, a.took_ms = now - a.started_ms
SET s.used_ms = CASE WHEN s.used_day = $used.day THEN s.used_ms ELSE 0 END + (a.took_ms - $outcome.limited_ms) * $used.reads,
    s.used_rows = CASE WHEN s.used_day = $used.day THEN s.used_rows ELSE 0 END + $used.rows, s.used_day = $used.day
WITH t, r, s, w, now
CALL (s, now) {
  MATCH (waiting:RunTask {source: s.urn, held: 'SOURCE_BUSY'})
  SET waiting.retry_at = now
  RETURN count(*) AS woken
}
RETURN properties(r) AS run, properties(t) AS task, properties(s) AS source, w.spec AS workflow,
       [(r)-[:HAS_STAGE]->(stage) | properties(stage)] AS stages
