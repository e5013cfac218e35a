// Incidents that the reader may know of, oldest first, of those newer than a key.
// mode:    read
// params:  at: str, id: str, dataset: str, states: list[str], first: int, clearance: int, domains: list[str]
// returns: incident: map, dataset: str
// budget:  50 ms
CALL () {
  MATCH (i:Incident)
  WHERE $dataset IS NULL AND i.opened_at >= $at
  RETURN i
  ORDER BY i.opened_at ASC
  UNION ALL
  MATCH (:Asset {urn: $dataset})<-[:ABOUT]-(i:Incident)
  WHERE i.opened_at >= $at
  RETURN i
}
MATCH (i)-[:ABOUT]->(d:Asset)
WHERE (i.opened_at > $at OR i.id > $id)
  AND ($states IS NULL OR i.state IN $states) AND (
// include: cypher.incidents/_shown
)
RETURN properties(i) AS incident, d.urn AS dataset
ORDER BY i.opened_at ASC, i.id ASC
LIMIT $first
