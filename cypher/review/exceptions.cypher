// Exceptions to what machines say, the newest first; where $at is given those that hold then.
// mode:    read
// params:  at: str
// returns: exception: map
// budget:  30 ms
MATCH (e:ClassificationException)
WHERE e.removed IS NULL AND ($at IS NULL OR e.expires_at IS NULL OR e.expires_at > $at)
RETURN properties(e) AS exception
ORDER BY e.created_at DESC, e.id DESC
