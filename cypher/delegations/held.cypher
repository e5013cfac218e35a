// What somebody may decide in whose place at a moment, the oldest first, with the token of each who gave it; null where it is none.
// mode:    read
// params:  holder: str, at: str
// returns: delegation: map, token: map
// budget:  30 ms
MATCH (d:ApprovalDelegation {holder: $holder})
WHERE d.revoked_at IS NULL AND d.starts_at <= $at AND d.ends_at > $at
OPTIONAL MATCH (t:Token {id: d.giver})
RETURN properties(d) AS delegation, t {.role, .clearance, .domains, .expires_at, .revoked_at} AS token
ORDER BY d.created_at, d.id
