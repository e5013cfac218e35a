// A worker is alive: its leases go on, with the progress of their tasks. A task it does not hold any more has no row; the state of the run
// says whether to stop.
// mode:    write
// params:  worker: str, props: map, tasks: list[map], lease_ms: int
// returns: id: str, state: str
// budget:  50 ms
MERGE (w:Worker {id: $worker})
SET w += $props, w.seen_ms = datetime.realtime().epochMillis
WITH w.seen_ms AS now
UNWIND $tasks AS row
MATCH (t:RunTask {id: row.id})<-[:HAS_TASK]-(r:Run)
SET t.lock = 'beat'  // who ends the task just now is waited for, and then it has ended
WITH row, t, r, now
WHERE t.attempt = row.attempt AND t.state = 'RUNNING'
SET t.lease_until = now + $lease_ms, t.done = row.done, t.total = row.total,
    r.stage = t.stage, r.done = row.done, r.total = row.total
RETURN row.id AS id, r.state AS state
