// The same of what is in one asset that holds much, or of who owns much: what is elsewhere is passed over.
// mode:    read
// ways:    DESC, ASC
// params:  above: str, below: str, first: int, source: str, classifications: list[str], min_confidence: float, clearance: int, domains: list[str]
// returns: review: str, urn: str, classification: map, verdict: map
// budget:  100 ms
MATCH (a:Asset)-[v:CLASSIFIED_AS]->(c:Classification) USING INDEX v:CLASSIFIED_AS(review)
WHERE v.review > $above AND v.review < $below
// include: cypher.review/_narrowed
// include: cypher.review/_held
// include: cypher.review/_suggested
