// Urns of what a person owns.
// mode:    read
// params:  owner: str
// returns: urn: str
// budget:  60 ms
MATCH (:Person {name: $owner})-[:OWNS]->(a:Asset)
RETURN a.urn AS urn
