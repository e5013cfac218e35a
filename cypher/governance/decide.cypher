// A person's verdict on one classification of one asset; remembered, and above every machine's. The one before is kept.
// mode:    write
// params:  urn: str, classification: str, status: str, by: str, at: str, reason: str, clearance: int, domains: list[str]
// returns: urn: str, classification: str, before: str
// budget:  50 ms
MATCH (a:Asset {urn: $urn})
WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
OPTIONAL MATCH (c:Classification {name: $classification}) WHERE NOT coalesce(c.deleted, false)
OPTIONAL MATCH (a)-[old:CLASSIFIED_AS]->(c)
WITH a, c, old, old.status AS before
FOREACH (_ IN CASE WHEN old IS NULL THEN [] ELSE [1] END |
  CREATE (a)-[past:WAS_CLASSIFIED_AS]->(c)
  SET past = properties(old), past.closed_at = $at, past.valid_to = $at)
FOREACH (_ IN CASE WHEN c IS NULL THEN [] ELSE [1] END |
  MERGE (a)-[v:CLASSIFIED_AS]->(c)
    ON CREATE SET v.origin = 'MANUAL', v.tier = 1, v.confidence = 1.0, v.valid_from = $at
  SET v.status = $status, v.decided_by = $by, v.decided_at = $at, v.recorded_at = $at,
      v.decided_reason = $reason, v.reason = coalesce(v.reason, 'set by hand'),
      a.version = a.version + 1)
RETURN a.urn AS urn, c.name AS classification, before
