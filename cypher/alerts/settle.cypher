// How a try of a delivery ended, by whoever began it; no row where another try was begun meanwhile. Without a wait it is over.
// mode:    write
// params:  id: str, tries: int, state: str, error: str, wait_ms: int, at: str
// returns: id: str
// budget:  20 ms
MATCH (d:AlertDelivery {id: $id})
SET d.lock = $id
WITH d, datetime.realtime().epochMillis AS now
WHERE d.tries = $tries AND d.state = 'PENDING'
SET d.state = $state, d.error = $error, d.next_ms = CASE WHEN $wait_ms IS NULL THEN null ELSE now + $wait_ms END,
    d.settled_at = CASE WHEN $wait_ms IS NULL THEN $at ELSE null END
RETURN d.id AS id
