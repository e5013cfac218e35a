// Sources whose health was looked at since a time by the server's clock, of those the reader may see, in that order.
// mode:    read
// params:  since_ms: int, first: int, clearance: int, domains: list[str]
// returns: urn: str, changed_ms: int
// budget:  50 ms
MATCH (s:Source)
WHERE s.health_ms >= $since_ms AND s.sensitivity <= $clearance AND ($domains IS NULL OR s.domain IN $domains)
RETURN s.urn AS urn, s.health_ms AS changed_ms
ORDER BY s.health_ms
LIMIT $first
