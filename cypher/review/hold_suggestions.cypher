// Takes these assets for the transaction, and tells of which of them a classification is still suggested and undecided, and how surely.
// mode:    write
// params:  urns: list[str], classification: str
// returns: urn: str, confidence: float
// budget:  150 ms
UNWIND $urns AS urn
MATCH (a:Asset {urn: urn})
SET a.version = a.version
WITH a
MATCH (a)-[v:CLASSIFIED_AS]->(c:Classification)
WHERE c.name = $classification AND v.review IS NOT NULL
RETURN a.urn AS urn, v.confidence AS confidence
