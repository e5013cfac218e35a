// The same of one source.
// mode:    read
// ways:    DESC, ASC
// params:  above: str, below: str, first: int, source: str, classifications: list[str], min_confidence: float, clearance: int, domains: list[str]
// returns: review: str, urn: str, classification: map, verdict: map
// budget:  60 ms
MATCH (a:Asset)-[v:CLASSIFIED_AS]->(c:Classification) USING INDEX v:CLASSIFIED_AS(review_source, review)
WHERE v.review_source = $source AND v.review > $above AND v.review < $below
// include: cypher.review/_narrowed
WITH v, a, c ORDER BY v.review_source <way>, v.review <way> LIMIT $first
// include: cypher.review/_suggested
