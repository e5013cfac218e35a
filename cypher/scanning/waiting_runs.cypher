// Runs that wait for a worker: queued ones, and those whose worker let its lease end.
// mode:    read
// params:  now: str
// returns: id: str
// budget:  50 ms
MATCH (r:Run)
WHERE r.state IN ['QUEUED', 'RUNNING', 'CANCELLING'] AND (r.state = 'QUEUED' OR r.lease_until < $now)
RETURN r.id AS id
ORDER BY r.created_at
LIMIT 1000
