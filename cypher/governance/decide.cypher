// A person's verdicts, each on one classification of one asset; remembered, and above every machine's. The ones before are kept.
// mode:    write
// params:  rows: list[map], by: str, at: str
// returns: decided: int
// budget:  50 ms
UNWIND $rows AS row
MATCH (a:Asset {urn: row.urn})
MATCH (c:Classification {name: row.classification})
OPTIONAL MATCH (a)-[old:CLASSIFIED_AS]->(c)
FOREACH (_ IN CASE WHEN old IS NULL THEN [] ELSE [1] END |
  CREATE (a)-[past:WAS_CLASSIFIED_AS]->(c)
  SET past = properties(old), past.closed_at = $at, past.valid_to = $at, past.closed_by = $by)
MERGE (a)-[v:CLASSIFIED_AS]->(c)
  ON CREATE SET v.origin = 'MANUAL', v.tier = 1, v.confidence = 1.0, v.valid_from = $at
SET v.status = row.status, v.decided_by = $by, v.decided_at = $at, v.recorded_at = $at,
    v.decided_reason = row.reason, v.reason = coalesce(v.reason, 'set by hand'),
    v.review = null, v.review_source = null, v.review_classification = null, v.review_sure = null,
    a.version = a.version + 1
RETURN count(v) AS decided
