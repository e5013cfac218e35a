// A machine's verdicts on assets. What a person decided keeps its status, and only the evidence is refreshed;
// what it was before the last run that changed it is kept.
// mode:    write
// params:  rows: list[map], machines: list[str], suggested: int, at: str, valid: str, run: str
// returns: written: int
// budget:  400 ms
UNWIND $rows AS row
MATCH (a:Asset {urn: row.urn})
MATCH (c:Classification {name: row.classification})
WHERE coalesce(c.enabled, true) AND row.confidence >= coalesce(c.reject_at, 0.0)
MERGE (a)-[v:CLASSIFIED_AS]->(c)
  ON CREATE SET v.status = 'SUGGESTED', v.valid_from = $valid, v.recorded_at = $at, v.recorded_run = $run,
                v.origin = row.origin
FOREACH (_ IN CASE WHEN v.run <> $run AND
    [v.tier, v.confidence, v.reason, v.classifier, v.classifier_version] <>
    [row.tier, row.confidence, row.reason, row.classifier, row.classifier_version] THEN [1] ELSE [] END |
  SET v.evidence_run = $run, v.was_tier = v.tier, v.was_confidence = v.confidence, v.was_reason = v.reason,
      v.was_classifier = v.classifier, v.was_classifier_version = v.classifier_version, v.was_origin = v.origin)
SET v.origin = CASE WHEN v.origin IN $machines THEN row.origin ELSE v.origin END, v.tier = row.tier, v.confidence = row.confidence, v.reason = row.reason, v.classifier = row.classifier,
    v.classifier_version = row.classifier_version, v.run = $run, v.last_seen = $at,
    // What a language model suggests is a question to people, however sure it sounds.
    v.auto_accepted = coalesce(row.confidence >= c.accept_at, false) AND row.tier <> $suggested
WITH a, v, c
// include: cypher.review/_place
RETURN count(v) AS written
