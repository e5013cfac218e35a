// How often people confirmed and rejected verdicts of machines, by classification and confidence.
// mode:    read
// params:  classification: str, source: str, clearance: int, domains: list[str]
// returns: classification: str, confidence: float, confirmed: int, rejected: int
// budget:  100 ms
MATCH (a:Asset)-[v:CLASSIFIED_AS]->(c:Classification) USING INDEX v:CLASSIFIED_AS(decided_at)
WHERE v.decided_at > '' AND v.origin <> 'MANUAL' AND v.origin <> 'PROPAGATED'
  AND ($source IS NULL OR a.source = $source) AND ($classification IS NULL OR c.name = $classification)
  AND a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
WITH c.name AS classification, round(v.confidence, 3) AS confidence, v
RETURN classification, confidence,
  sum(CASE WHEN v.status = 'CONFIRMED' THEN 1 ELSE 0 END) AS confirmed,
  sum(CASE WHEN v.status = 'REJECTED' THEN 1 ELSE 0 END) AS rejected
