// The same of what is in one asset, which is read whole and then put in order.
// mode:    read
// ways:    DESC, ASC
// params:  above: str, below: str, first: int, source: str, classifications: list[str], min_confidence: float, under: str, clearance: int, domains: list[str]
// returns: review: str, urn: str, classification: map, verdict: map
// budget:  60 ms
MATCH (:Asset {urn: $under})-[:CONTAINS*0..5]->(a:Asset)-[v:CLASSIFIED_AS]->(c:Classification)
WHERE v.review > $above AND v.review < $below
// include: cypher.review/_narrowed
// include: cypher.review/_suggested
