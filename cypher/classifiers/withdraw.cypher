// All verdicts of one classification, people's too, kept as past ones: the classification is deleted.
// mode:    write
// params:  name: str, at: str
// returns: urn: str
// budget:  300 ms
MATCH (c:Classification {name: $name})<-[v:CLASSIFIED_AS]-(a:Asset)
CREATE (a)-[past:WAS_CLASSIFIED_AS]->(c)
SET past = properties(v), past.closed_at = $at, past.valid_to = $at
DELETE v
RETURN a.urn AS urn
