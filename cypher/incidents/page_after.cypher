// Incidents that the reader may know of, newest first, after a key.
// mode:    read
// params:  at: str, id: str, dataset: str, states: list[str], first: int, clearance: int, domains: list[str]
// returns: incident: map, dataset: str
// budget:  50 ms
CALL () {
  MATCH (i:Incident)
  WHERE $dataset IS NULL AND i.opened_at <= $at
  RETURN i
  ORDER BY i.opened_at DESC
  UNION ALL
  MATCH (:Asset {urn: $dataset})<-[:ABOUT]-(i:Incident)
  WHERE i.opened_at <= $at
  RETURN i
}
MATCH (i)-[:ABOUT]->(d:Asset)
WHERE (i.opened_at < $at OR i.id < $id)
  AND ($states IS NULL OR i.state IN $states) AND (
// include: cypher.incidents/_shown
)
RETURN properties(i) AS incident, d.urn AS dataset
ORDER BY i.opened_at DESC, i.id DESC
LIMIT $first
