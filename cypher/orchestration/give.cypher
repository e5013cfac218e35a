// Give tasks to a worker until their leases end, put others aside, and note which worker keeps room for a suspect; each time a task is given it has a higher attempt, which later writes
// must name.
// mode:    write
// params:  worker: str, given: list[str], parked: list[map], passes: list[float], room: list[str], room_until: int, lease_ms: int, at: str
// returns: task: map, run: map, source: map, workflow: str, stages: list[map]
// budget:  50 ms
MATCH (d:Dispatcher {id: 'dispatch'})
SET d.passes = $passes, d.room = $room, d.room_until = $room_until
WITH datetime.realtime().epochMillis AS now
FOREACH (row IN $parked |
  MERGE (t:RunTask {id: row.id})
  SET t.queue = null, t.state = 'PARKED', t.held = row.held, t.parked_at = now, t.retry_at = coalesce(row.until_ms, now + row.wait_ms)
  // The log of the run tells a reason once for as long as it lasts.
  FOREACH (_ IN CASE WHEN t.held_why[-1] = row.held AND t.held_attempt = t.attempt THEN [] ELSE [1] END |
    SET t.held_ms = (coalesce(t.held_ms, []) + now)[-50..], t.held_why = (coalesce(t.held_why, []) + row.held)[-50..],
        t.held_attempt = t.attempt))
WITH now
UNWIND $given AS id
MATCH (t:RunTask {id: id})<-[:HAS_TASK]-(r:Run)-[:SCANS]->(s:Asset), (r)-[:FOLLOWS]->(w:Workflow)
// Where it fails, it waits among what was begun.
SET t.place = left(t.place, 2) + '1' + substring(t.place, 3), t.queue = null, t.state = 'RUNNING', t.worker = $worker, t.attempt = t.attempt + 1, t.lease_until = now + $lease_ms,
    t.started_at = $at, t.waited_ms = now - t.ready_ms,
    r.state = CASE r.state WHEN 'QUEUED' THEN 'RUNNING' ELSE r.state END, r.started_at = coalesce(r.started_at, $at),
    r.attempt = r.attempt + 1, r.worker = $worker, r.stage = t.stage, r.done = 0, r.total = null
CREATE (t)-[:TRIED]->(:RunAttempt {id: t.id + '/' + t.attempt, number: t.attempt, worker: $worker, started_at: $at, started_ms: now,
                                   waited_ms: now - t.ready_ms, slot_ms: coalesce(t.slot_ms, 0), state: 'RUNNING'})
SET t.slot_ms = 0
RETURN properties(t) AS task, properties(r) AS run, properties(s) AS source, w.spec AS workflow,
       [(r)-[:HAS_STAGE]->(stage) | properties(stage)] AS stages
