// Verdicts that a run withdrew, given again as of now as they were last.
// mode:    write
// params:  rows: list[map], at: str, run: str, mark: str
// returns: given: int
// budget:  300 ms
UNWIND $rows AS row
MATCH (a:Asset {urn: row.urn})-[past:WAS_CLASSIFIED_AS]->(c:Classification {name: row.classification})
WHERE past.closed_run = $run AND NOT coalesce(c.deleted, false) AND NOT EXISTS { (a)-[:CLASSIFIED_AS]->(c) }
WITH a, c, past ORDER BY past.closed_at DESC
WITH a, c, head(collect(properties(past))) AS was
CREATE (a)-[v:CLASSIFIED_AS]->(c)
SET v = was, v.closed_at = null, v.closed_run = null, v.valid_to = null, v.valid_from = $at, v.recorded_at = $at,
    v.recorded_run = $mark, v.evidence_run = null
RETURN count(v) AS given
