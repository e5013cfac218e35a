// Give one run to one worker until its lease ends; each claim has a higher attempt, which later writes must name.
// mode:    write
// params:  id: str, worker: str, now: str, until: str
// returns: run: map, source: map
// budget:  50 ms
MATCH (r:Run {id: $id})-[:SCANS]->(s:Asset)
SET r.lock = $worker
WITH r, s
WHERE r.state = 'QUEUED' OR (r.state IN ['RUNNING', 'CANCELLING'] AND r.lease_until < $now)
SET r.state = CASE r.state WHEN 'CANCELLING' THEN 'CANCELLING' ELSE 'RUNNING' END,
    r.worker = $worker, r.lease_until = $until, r.attempt = r.attempt + 1, r.started_at = coalesce(r.started_at, $now)
RETURN properties(r) AS run, properties(s) AS source
