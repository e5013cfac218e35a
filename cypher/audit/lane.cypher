// A stretch of one lane, in order.
// mode:    read
// params:  lane: int, after: int, first: int
// returns: event: map
// budget:  50 ms
MATCH (e:AuditEvent)
WHERE e.lane = $lane AND e.seq > $after
RETURN properties(e) AS event
ORDER BY e.lane, e.seq
LIMIT $first
