// Pages of the latest checks of these sources, of those the reader may see: newest first behind a key, or oldest first before it.
// mode:    read
// params:  urns: list[str], at: str, id: str, backward: bool, first: int, clearance: int, domains: list[str]
// returns: urn: str, checks: list[map]
// budget:  50 ms
UNWIND $urns AS urn
MATCH (s:Asset {urn: urn})
WHERE s.sensitivity <= $clearance AND ($domains IS NULL OR s.domain IN $domains)
CALL (urn) {
  CALL (urn) {
    MATCH (c:HealthCheck)
    WHERE NOT $backward AND c.source = urn AND c.at <= $at AND (c.at < $at OR c.id < $id)
    RETURN c
    ORDER BY c.source DESC, c.at DESC, c.id DESC
    LIMIT $first
    UNION ALL
    MATCH (c:HealthCheck)
    WHERE $backward AND c.source = urn AND c.at >= $at AND (c.at > $at OR c.id > $id)
    RETURN c
    ORDER BY c.source, c.at, c.id
    LIMIT $first
  }
  RETURN collect(properties(c)) AS checks
}
RETURN urn, checks
