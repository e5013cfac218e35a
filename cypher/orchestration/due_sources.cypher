// Sources whose scan is due and that are not being scanned.
// mode:    read
// params:  now_ms: int
// returns: source: map
// budget:  50 ms
MATCH (s:Source)
WHERE s.next_due_ms <= $now_ms
WITH s ORDER BY s.next_due_ms LIMIT 200
WHERE NOT EXISTS {
  MATCH (r:Run)-[:SCANS]->(s) WHERE r.state IN ['AWAITING_APPROVAL', 'QUEUED', 'RUNNING', 'PAUSED', 'CANCELLING']
}
RETURN s {.name, .urn, .plan, .plan_at, .last_fired, .next_due_ms, .interval_s} AS source
