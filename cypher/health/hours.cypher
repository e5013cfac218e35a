// The hours of a source since one of them.
// mode:    read
// params:  urn: str, since: str
// returns: hour: str, checks: int, ok: int, latencies: list[float]
// budget:  50 ms
MATCH (h:HealthHour)
WHERE h.source = $urn AND h.hour >= $since
RETURN h.hour AS hour, h.checks AS checks, h.ok AS ok, h.latencies AS latencies
