// All tokens, by name; hashes stay here.
// mode:    read
// params:
// returns: token: map
// budget:  50 ms
MATCH (t:Token)
WHERE t.id >= ''
RETURN t {.id, .key, .name, .role, .clearance, .domains, .purposes, .created_at, .created_by, .expires_at, .revoked_at} AS token
ORDER BY t.id
