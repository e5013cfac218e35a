// How many suggestions the queue holds that the reader may see, at most some.
// mode:    read
// params:  bound: int, clearance: int, domains: list[str]
// returns: waiting: int
// budget:  60 ms
CALL () {
  MATCH (a:Asset)-[v:CLASSIFIED_AS]->() USING INDEX v:CLASSIFIED_AS(review)
  WHERE v.review > '' AND a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains) AND a.status <> 'DELETED'
  RETURN 1 AS one LIMIT $bound
}
RETURN count(one) AS waiting
