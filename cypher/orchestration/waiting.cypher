// Whether anything waits for a worker: a task in the queue, one whose time has come, one whose worker let its lease end.
// mode:    read
// params:
// returns: waiting: bool
// budget:  20 ms
WITH datetime.realtime().epochMillis AS now
RETURN EXISTS { MATCH (t:RunTask) WHERE t.queue > '' } OR EXISTS { MATCH (t:RunTask) WHERE t.retry_at <= now }
    OR EXISTS { MATCH (t:RunTask) WHERE t.lease_until < now } AS waiting
