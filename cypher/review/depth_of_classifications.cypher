// The same of some classifications, each walked by the index.
// mode:    read
// params:  bound: int, classifications: list[str], clearance: int, domains: list[str]
// returns: waiting: int
// budget:  60 ms
UNWIND $classifications AS name
CALL (name) {
  MATCH (a:Asset)-[v:CLASSIFIED_AS]->() USING INDEX v:CLASSIFIED_AS(review_classification, review)
  WHERE v.review_classification = name AND v.review > '' AND a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
    AND a.status <> 'DELETED'
  RETURN 1 AS one LIMIT $bound
}
WITH one LIMIT $bound
RETURN count(one) AS waiting
