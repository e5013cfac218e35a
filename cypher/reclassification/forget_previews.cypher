// Forget previews that are kept no longer, with what they held; some of it at a time.
// mode:    write
// params:  now_ms: int, first: int
// returns: forgotten: int
// budget:  300 ms
MATCH (p:ReclassificationPreview)
WHERE p.expires_ms <= $now_ms
WITH p LIMIT 10
CALL (p) {
  MATCH (p)-[:HOLDS]->(held)
  WITH held LIMIT $first
  DETACH DELETE held
  RETURN count(*) AS gone
}
WITH p, gone
FOREACH (_ IN CASE WHEN gone < $first THEN [1] ELSE [] END | DETACH DELETE p)
RETURN count(p) AS forgotten
