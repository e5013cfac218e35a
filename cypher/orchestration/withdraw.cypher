// Take the waiting tasks of a run out of the queue: for good where it is cancelled, else until it goes on. How many by stage. What takes
// another stage back stays in it.
// mode:    write
// params:  run: str, state: str, held: str
// returns: stage: str, tasks: int
// budget:  50 ms
MATCH (:Run {id: $run})-[:HAS_TASK]->(t:RunTask)
WHERE t.state IN ['READY', 'PARKED'] AND NOT t.stage STARTS WITH 'undo:'
SET t.state = $state, t.held = $held, t.queue = null, t.retry_at = null
FOREACH (_ IN CASE WHEN $held IS NULL THEN [] ELSE [1] END |
  SET t.held_ms = (coalesce(t.held_ms, []) + datetime.realtime().epochMillis)[-50..],
      t.held_why = (coalesce(t.held_why, []) + $held)[-50..], t.held_attempt = null)
WITH t
RETURN t.stage AS stage, count(*) AS tasks
