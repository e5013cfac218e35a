// Verdicts that machines gave to these assets before and did not give again, kept as past ones; a person's verdict stays, and what the
// language model suggested where it was not asked, unless that is switched off.
// mode:    write
// params:  urns: list[str], machines: list[str], suggested: int, unasked: list[str], at: str, valid: str, run: str
// returns: withdrawn: int
// budget:  300 ms
UNWIND $urns AS urn
MATCH (a:Asset {urn: urn})
CALL (a) {
  // Without a label: while there are few classifications or verdicts, a plan that begins with those would be made and kept.
  MATCH (a)-[v:CLASSIFIED_AS]->(c)
  RETURN v, c
}
WITH a, v, c
WHERE v.origin IN $machines AND v.run <> $run AND v.decided_by IS NULL
  AND NOT (v.tier = $suggested AND c.name IN $unasked AND coalesce(c.enabled, true))
CREATE (a)-[past:WAS_CLASSIFIED_AS]->(c)
SET past = properties(v), past.closed_at = $at, past.closed_run = $run,
    past.valid_to = CASE WHEN $valid > v.valid_from THEN $valid ELSE $at END
DELETE v
RETURN count(*) AS withdrawn
