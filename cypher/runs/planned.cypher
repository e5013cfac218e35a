// Sources that are scanned by themselves, of those the reader may see.
// mode:    read
// params:  first: int, clearance: int, domains: list[str]
// returns: source: str, name: str, plan: str, interval_s: float
// budget:  50 ms
MATCH (s:Source)
WHERE s.next_due_ms >= 0 AND s.sensitivity <= $clearance AND ($domains IS NULL OR s.domain IN $domains)
RETURN s.urn AS source, s.name AS name, s.plan AS plan, s.interval_s AS interval_s
ORDER BY s.urn
LIMIT $first
