// Of assets: name, source and all that holds them, which decides on exceptions.
// mode:    read
// params:  urns: list[str]
// returns: urn: str, name: str, source: str, holders: list[str]
// budget:  100 ms
UNWIND $urns AS urn
MATCH (a:Asset {urn: urn})
RETURN urn, a.name AS name, a.source AS source, COLLECT { MATCH (h:Asset)-[:CONTAINS*0..5]->(a) RETURN h.urn } AS holders
