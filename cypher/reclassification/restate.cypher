// What follows of other thresholds for machines' verdicts that nobody decided: whether they are accepted, and their places in the review queue.
// mode:    write
// params:  urns: list[str]
// returns: changed: int
// budget:  300 ms
UNWIND $urns AS urn
MATCH (a:Asset {urn: urn})
MATCH (a)-[v:CLASSIFIED_AS]->(c)
WHERE v.decided_by IS NULL
WITH a, v, c, coalesce(v.confidence >= c.accept_at, false) AS accepted
WHERE coalesce(v.auto_accepted, false) <> accepted
SET v.auto_accepted = accepted
WITH a, v, c
// include: cypher.review/_place
RETURN count(v) AS changed
