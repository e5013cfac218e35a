// Incidents that a run opened, and where they stand.
// mode:    read
// ways:    ASC, DESC
// params:  run: str, after: str, before: str, first: int, all: bool, clearance: int, domains: list[str]
// returns: key: str, urn: str, state: str, seen: bool
// budget:  200 ms
MATCH (i:Incident) WHERE i.run = $run
MATCH (i)-[:ABOUT]->(d:Asset)
WITH i, d, (
// include: cypher.incidents/_shown
) AS seen
WHERE i.id > $after AND i.id < $before AND ($all OR seen)
RETURN i.id AS key, d.urn AS urn, i.state AS state, seen
ORDER BY key <way> LIMIT $first
