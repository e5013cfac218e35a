// Incidents by key, those of them that the reader may know of.
// mode:    read
// params:  keys: list[int], clearance: int, domains: list[str]
// returns: incident: map, dataset: str
// budget:  20 ms
UNWIND $keys AS key
MATCH (i:Incident {key: key})-[:ABOUT]->(d:Asset)
WHERE (
// include: cypher.incidents/_shown
)
RETURN properties(i) AS incident, d.urn AS dataset
