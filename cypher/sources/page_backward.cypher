// The page of sources before a key, last row first.
// mode:    read
// params:  key: str, registered: bool, first: int, clearance: int, domains: list[str]
// returns: source: map
// budget:  30 ms
MATCH (s:Asset)
WHERE s.kind = 'SOURCE' AND s.urn < $key
  AND s.sensitivity <= $clearance AND ($domains IS NULL OR s.domain IN $domains)
  AND ($registered IS NULL OR coalesce(s.registered, false) = $registered)
RETURN s {
// include: cypher.sources/_fields
} AS source
ORDER BY s.kind DESC, s.urn DESC
LIMIT $first
