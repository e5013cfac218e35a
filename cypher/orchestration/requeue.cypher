// Put tasks of a run back into the queue: those that were held for a reason, or that failed for good, which are tried anew.
// mode:    write
// params:  run: str, state: str, held: str, ids: list[str]
// returns: stage: str, tasks: int
// budget:  50 ms
MATCH (:Run {id: $run})-[:HAS_TASK]->(t:RunTask {state: $state})
WHERE ($held IS NULL OR t.held = $held) AND ($ids IS NULL OR t.id IN $ids)
SET t.state = 'READY', t.held = null, t.queue = t.place, t.retry_at = null, t.tries = 0,
    t.ready_ms = datetime.realtime().epochMillis
RETURN t.stage AS stage, count(*) AS tasks
