// Revoke one token at once.
// mode:    write
// params:  id: str, at: str
// returns: id: str
// budget:  50 ms
MATCH (t:Token {id: $id})
SET t.revoked_at = coalesce(t.revoked_at, $at)
RETURN t.id AS id
