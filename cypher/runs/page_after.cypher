// Runs of sources the reader may see, newest first, after a key.
// mode:    read
// params:  at: str, id: str, source: str, states: list[str], first: int, clearance: int, domains: list[str]
// returns: run: map, source: str
// budget:  50 ms
CALL () {
  MATCH (r:Run)
  WHERE $source IS NULL AND r.created_at <= $at
  RETURN r
  ORDER BY r.created_at DESC
  UNION ALL
  MATCH (:Asset {urn: $source})<-[:SCANS]-(r:Run)
  WHERE r.created_at <= $at
  RETURN r
}
MATCH (r)-[:SCANS]->(s:Asset)
WHERE s.sensitivity <= $clearance AND ($domains IS NULL OR s.domain IN $domains)
  AND (r.created_at < $at OR r.id < $id)
  AND ($states IS NULL OR r.state IN $states)
RETURN properties(r) AS run, s.urn AS source
ORDER BY r.created_at DESC, r.id DESC
LIMIT $first
