// The audit trail, newest first.
// mode:    read
// params:  before_at: str, before_id: str, actor: str, action: str, subject: str, first: int
// returns: event: map
// budget:  100 ms
MATCH (e:AuditEvent)
WHERE e.at <= $before_at AND (e.at < $before_at OR e.id < $before_id)
  AND ($actor IS NULL OR e.actor = $actor)
  AND ($action IS NULL OR e.action = $action)
  AND ($subject IS NULL OR $subject IN e.subjects)
RETURN properties(e) AS event
ORDER BY e.at DESC, e.id DESC
LIMIT $first
