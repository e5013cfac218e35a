// The same of what of it somebody owns.
// mode:    read
// ways:    DESC, ASC
// params:  above: str, below: str, first: int, source: str, classifications: list[str], min_confidence: float, clearance: int, domains: list[str]
// returns: review: str, urn: str, classification: map, verdict: map
// budget:  60 ms
MATCH (:Asset {urn: $under})-[:CONTAINS*0..5]->(a:Asset)-[v:CLASSIFIED_AS]->(c:Classification)
WHERE v.review > $above AND v.review < $below
// include: cypher.review/_narrowed
// include: cypher.review/_held
// include: cypher.review/_suggested
