// Take the training that waits, or that lost its worker, for a while by the clock of the server.
// mode:    write
// params:  holder: str, lease_ms: int, at: str
// returns: model: map
// budget:  50 ms
MATCH (m:ClassificationModel)
WHERE m.status IN ['QUEUED', 'TRAINING']
WITH m ORDER BY m.number LIMIT 1
SET m.lock = $holder
WITH m WHERE m.status = 'QUEUED' OR (m.status = 'TRAINING' AND m.until_ms < timestamp())
SET m.status = 'TRAINING', m.holder = $holder, m.until_ms = timestamp() + $lease_ms, m.tries = m.tries + 1,
    m.started_at = coalesce(m.started_at, $at)
RETURN m {.*} AS model
