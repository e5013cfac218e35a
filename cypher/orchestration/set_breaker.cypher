// The state of the circuit breaker of a source.
// mode:    write
// params:  source: str, breaker: str
// returns: urn: str
// budget:  20 ms
MATCH (s:Asset {urn: $source})
SET s.breaker = $breaker
RETURN s.urn AS urn
