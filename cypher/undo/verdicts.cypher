// Verdicts that a run made, withdrew or gave other evidence, each with the one that stands now; by a key of action, asset and classification.
// mode:    read
// ways:    ASC, DESC
// params:  run: str, after: str, before: str, first: int, all: bool, clearance: int, domains: list[str]
// returns: key: str, action: str, urn: str, classification: str, now: map, seen: bool
// budget:  300 ms
CALL () {
  MATCH (a:Asset)-[v:CLASSIFIED_AS]->(c:Classification) USING INDEX v:CLASSIFIED_AS(recorded_run) WHERE v.recorded_run = $run
  RETURN a, c, 'MADE' AS action
  UNION
  MATCH (a:Asset)-[v:WAS_CLASSIFIED_AS]->(c:Classification) USING INDEX v:WAS_CLASSIFIED_AS(recorded_run) WHERE v.recorded_run = $run
  RETURN a, c, 'MADE' AS action
  UNION
  MATCH (a:Asset)-[v:WAS_CLASSIFIED_AS]->(c:Classification) USING INDEX v:WAS_CLASSIFIED_AS(closed_run) WHERE v.closed_run = $run
  RETURN a, c, 'WITHDRAWN' AS action
  UNION
  MATCH (a:Asset)-[v:CLASSIFIED_AS]->(c:Classification) USING INDEX v:CLASSIFIED_AS(evidence_run) WHERE v.evidence_run = $run
  RETURN a, c, 'CHANGED' AS action
}
WITH a, c, action, action + ' ' + a.urn + ' ' + c.name AS key,
     a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains) AS seen
WHERE key > $after AND key < $before AND ($all OR seen)
WITH a, c, action, key, seen ORDER BY key <way> LIMIT $first
RETURN key, action, a.urn AS urn, c.name AS classification,
  head(COLLECT { MATCH (a)-[v:CLASSIFIED_AS]->(c) RETURN v {.status, .decided_by, .decided_at, .recorded_run, .evidence_run, .origin} }) AS now,
  seen
ORDER BY key <way>
