// What the last attempt to connect to a source found.
// mode:    write
// params:  urn: str, ok: bool, cause: str, at: str, latency_ms: float
// returns: urn: str
// budget:  20 ms
MATCH (s:Asset {urn: $urn})
SET s.check_ok = $ok, s.check_cause = $cause, s.checked_at = $at, s.check_latency_ms = $latency_ms
RETURN s.urn AS urn
