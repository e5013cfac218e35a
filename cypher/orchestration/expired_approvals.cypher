// Runs that nobody approved in time.
// mode:    read
// params:
// returns: run: str
// budget:  50 ms
MATCH (r:Run {state: 'AWAITING_APPROVAL'})
WHERE r.approval_until_ms < datetime.realtime().epochMillis
RETURN r.id AS run
LIMIT 100
