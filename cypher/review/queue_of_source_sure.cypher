// The same of one source.
// mode:    read
// ways:    DESC, ASC
// params:  above: str, below: str, first: int, source: str, classifications: list[str], min_confidence: float, clearance: int, domains: list[str], percents: list[int]
// returns: review: str, urn: str, classification: map, verdict: map
// budget:  60 ms
UNWIND $percents AS sure
CALL (sure) {
  MATCH (a:Asset)-[v:CLASSIFIED_AS]->(c:Classification) USING INDEX v:CLASSIFIED_AS(review_source, review_sure, review)
  WHERE v.review_source = $source AND v.review_sure = sure AND v.review > $above AND v.review < $below
// include: cypher.review/_narrowed
  RETURN v, a, c ORDER BY v.review_source <way>, v.review_sure <way>, v.review <way> LIMIT $first
}
// include: cypher.review/_suggested
