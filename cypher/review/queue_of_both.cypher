// The same of some classifications in one source.
// mode:    read
// ways:    DESC, ASC
// params:  above: str, below: str, first: int, source: str, classifications: list[str], min_confidence: float, under: str, owner: str, clearance: int, domains: list[str]
// returns: review: str, urn: str, classification: map, verdict: map
// budget:  60 ms
UNWIND $classifications AS name
CALL (name) {
  MATCH (a:Asset)-[v:CLASSIFIED_AS]->(c:Classification) USING INDEX v:CLASSIFIED_AS(review_source, review_classification, review)
  WHERE v.review_source = $source AND v.review_classification = name AND v.review > $above AND v.review < $below
// include: cypher.review/_narrowed
// include: cypher.review/_within
  RETURN v, a, c ORDER BY v.review_source <way>, v.review_classification <way>, v.review <way> LIMIT $first
}
WITH v, a, c ORDER BY v.review <way> LIMIT $first
RETURN v.review AS review, a.urn AS urn,
  c {.key, .name, .title, .description, .category, .sensitivity, .version} AS classification, properties(v) AS verdict
ORDER BY review <way>
