// What machines say of a classification and nobody decided, in a source and under an asset where these are given; what an exception may withdraw.
// mode:    read
// params:  classification: str, source: str, under: str, first: int, clearance: int, domains: list[str]
// returns: urn: str, name: str
// budget:  100 ms
MATCH (:Classification {name: $classification})<-[v:CLASSIFIED_AS]-(a:Asset)
WHERE v.decided_by IS NULL AND v.origin <> 'PROPAGATED' AND ($source IS NULL OR a.source = $source)
  AND a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
  AND ($under IS NULL OR $under IN COLLECT { MATCH (h)-[:CONTAINS*0..5]->(a) RETURN h.urn })
RETURN a.urn AS urn, a.name AS name
LIMIT $first
