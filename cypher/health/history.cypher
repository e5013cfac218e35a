// Pages of the hours of these sources, of those the reader may see: newest first behind a key, or oldest first before it.
// mode:    read
// params:  urns: list[str], key: str, backward: bool, first: int, clearance: int, domains: list[str]
// returns: urn: str, hours: list[map]
// budget:  50 ms
UNWIND $urns AS urn
MATCH (s:Asset {urn: urn})
WHERE s.sensitivity <= $clearance AND ($domains IS NULL OR s.domain IN $domains)
CALL (urn) {
  CALL (urn) {
    MATCH (h:HealthHour)
    WHERE NOT $backward AND h.source = urn AND h.hour < $key
    RETURN h
    ORDER BY h.source DESC, h.hour DESC
    LIMIT $first
    UNION ALL
    MATCH (h:HealthHour)
    WHERE $backward AND h.source = urn AND h.hour > $key
    RETURN h
    ORDER BY h.source, h.hour
    LIMIT $first
  }
  RETURN collect(properties(h)) AS hours
}
RETURN urn, hours
