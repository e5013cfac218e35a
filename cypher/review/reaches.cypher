// Of suggestions of a source behind a key: what their assets reach now, and the reach by which they stand in the queue.
// mode:    read
// params:  source: str, above: str, first: int, since: str
// returns: review: str, urn: str, before: float, reach: float
// budget:  400 ms
MATCH (a:Asset)-[v:CLASSIFIED_AS]->() USING INDEX v:CLASSIFIED_AS(review_source, review)
WHERE v.review_source = $source AND v.review > $above
WITH a, v.review AS review ORDER BY v.review_source, v.review LIMIT $first
CALL (a) {
  OPTIONAL MATCH (a)<-[:CONTAINS]-(d:Dataset)
  OPTIONAL MATCH (d)-[:USED]->(u:UsageDay) WHERE u.day > $since
  RETURN sum(u.queries) AS queries
}
RETURN review, a.urn AS urn, coalesce(a.reach, 1.0) AS before,
  1 + log(1 + COUNT { MATCH (a)-[:FEEDS*1..5]->(down:Asset) RETURN DISTINCT down LIMIT 1000 }) + log(1 + queries) AS reach
ORDER BY review
