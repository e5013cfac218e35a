// The same of some classifications, each walked by the index.
// mode:    read
// ways:    DESC, ASC
// params:  above: str, below: str, first: int, source: str, classifications: list[str], min_confidence: float, clearance: int, domains: list[str]
// returns: review: str, urn: str, classification: map, verdict: map
// budget:  60 ms
UNWIND $classifications AS name
CALL (name) {
  MATCH (a:Asset)-[v:CLASSIFIED_AS]->(c:Classification) USING INDEX v:CLASSIFIED_AS(review_classification, review)
  WHERE v.review_classification = name AND v.review > $above AND v.review < $below
// include: cypher.review/_narrowed
  RETURN v, a, c ORDER BY v.review_classification <way>, v.review <way> LIMIT $first
}
// include: cypher.review/_suggested
