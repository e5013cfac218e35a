// Verdicts that a run made and nobody decided about, kept as past ones.
// mode:    write
// params:  rows: list[map], at: str, run: str, mark: str
// returns: withdrawn: int
// budget:  300 ms
UNWIND $rows AS row
MATCH (a:Asset {urn: row.urn})-[v:CLASSIFIED_AS]->(c:Classification {name: row.classification})
WHERE v.recorded_run = $run AND v.decided_by IS NULL
CREATE (a)-[past:WAS_CLASSIFIED_AS]->(c)
SET past = properties(v), past.closed_at = $at, past.closed_run = $mark, past.valid_to = $at
DELETE v
RETURN count(*) AS withdrawn
