// What is known of the health or the credential of a source; the next check is due after a wait, or where that is null stays when it is.
// mode:    write
// params:  urn: str, props: map, wait_ms: int
// returns: urn: str
// budget:  20 ms
MATCH (s:Asset {urn: $urn})
WITH s, datetime.realtime().epochMillis AS now
SET s += $props, s.health_ms = now,
    s.next_check_ms = CASE WHEN $wait_ms IS NULL THEN s.next_check_ms ELSE now + $wait_ms END
RETURN s.urn AS urn
