// Take the check of a source that is due: it is due again when the lease ends. No row where another worker was first.
// mode:    write
// params:  urn: str, due_ms: int, lease_ms: int
// returns: source: map, now: int
// budget:  20 ms
MATCH (s:Asset {urn: $urn})
SET s.lock = 'check'
WITH s, datetime.realtime().epochMillis AS now
WHERE s.registered AND s.next_check_ms = $due_ms
SET s.next_check_ms = now + $lease_ms
RETURN properties(s) AS source, now
