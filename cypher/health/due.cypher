// Sources whose check is due, the longest due first.
// mode:    read
// params:  first: int
// returns: urn: str, due_ms: int
// budget:  20 ms
WITH datetime.realtime().epochMillis AS now
MATCH (s:Source)
WHERE s.next_check_ms <= now
RETURN s.urn AS urn, s.next_check_ms AS due_ms
ORDER BY s.next_check_ms
LIMIT $first
