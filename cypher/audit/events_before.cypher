// The page of the audit trail before an event, oldest of them first.
// mode:    read
// params:  after_at: str, after_id: str, actor: str, action: str, subject: str, first: int
// returns: event: map
// budget:  100 ms
MATCH (e:AuditEvent)
WHERE e.at >= $after_at AND (e.at > $after_at OR e.id > $after_id)
  AND ($actor IS NULL OR e.actor = $actor)
  AND ($action IS NULL OR e.action = $action)
  AND ($subject IS NULL OR $subject IN e.subjects)
RETURN properties(e) AS event
ORDER BY e.at, e.id
LIMIT $first
