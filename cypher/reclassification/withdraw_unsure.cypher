// Machines' verdicts that nobody decided and that are less sure than has to be, kept as past ones.
// mode:    write
// params:  urns: list[str], at: str, run: str
// returns: withdrawn: int
// budget:  300 ms
UNWIND $urns AS urn
MATCH (a:Asset {urn: urn})
MATCH (a)-[v:CLASSIFIED_AS]->(c)
WHERE v.decided_by IS NULL AND v.origin <> 'MANUAL' AND v.confidence < c.reject_at
CREATE (a)-[past:WAS_CLASSIFIED_AS]->(c)
SET past = properties(v), past.closed_at = $at, past.closed_run = $run, past.valid_to = $at
DELETE v
RETURN count(*) AS withdrawn
