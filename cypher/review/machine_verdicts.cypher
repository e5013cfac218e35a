// What machines say of a classification and nobody decided, behind an urn; what an exception may withdraw.
// mode:    read
// params:  classification: str, source: str, after: str, first: int, clearance: int, domains: list[str]
// returns: urn: str, confidence: float
// budget:  100 ms
MATCH (:Classification {name: $classification})<-[v:CLASSIFIED_AS]-(a:Asset)
WHERE v.decided_by IS NULL AND v.origin <> 'PROPAGATED' AND a.urn > $after AND ($source IS NULL OR a.source = $source)
  AND a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
WITH a, v ORDER BY a.urn LIMIT $first
RETURN a.urn AS urn, v.confidence AS confidence
ORDER BY urn
