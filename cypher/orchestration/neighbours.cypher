// Workers of one place that hold tasks, with what they hold.
// mode:    read
// params:  place: str
// returns: process: str, tasks: list[map]
// budget:  20 ms
MATCH (t:RunTask)
WHERE t.lease_until >= 0 AND t.state = 'RUNNING'
WITH t.worker AS worker, collect(t {.id, .attempt, .worker}) AS tasks
MATCH (w:Worker {id: worker})
WHERE w.process STARTS WITH $place
RETURN w.process AS process, tasks
