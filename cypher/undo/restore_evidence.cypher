// Verdicts to which a run gave other evidence get back what they rested on before.
// mode:    write
// params:  rows: list[map], run: str
// returns: restored: int
// budget:  300 ms
UNWIND $rows AS row
MATCH (a:Asset {urn: row.urn})-[v:CLASSIFIED_AS]->(c:Classification {name: row.classification})
WHERE v.evidence_run = $run
SET v.tier = v.was_tier, v.confidence = v.was_confidence, v.reason = v.was_reason, v.classifier = v.was_classifier,
    v.classifier_version = v.was_classifier_version, v.origin = coalesce(v.was_origin, v.origin), v.evidence_run = null
RETURN count(v) AS restored
