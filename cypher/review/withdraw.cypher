// Machines' verdicts that an exception ends, kept as past ones; a person's verdict stays.
// mode:    write
// params:  urns: list[str], classification: str, by: str, at: str, reason: str
// returns: withdrawn: int
// budget:  300 ms
UNWIND $urns AS urn
MATCH (a:Asset {urn: urn})-[v:CLASSIFIED_AS]->(c:Classification {name: $classification})
WHERE v.decided_by IS NULL AND v.origin <> 'PROPAGATED'
CREATE (a)-[past:WAS_CLASSIFIED_AS]->(c)
SET past = properties(v), past.closed_at = $at, past.valid_to = $at, past.closed_by = $by, past.closed_reason = $reason
DELETE v
RETURN count(*) AS withdrawn
