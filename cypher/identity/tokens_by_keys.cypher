// Tokens by key; hashes stay here.
// mode:    read
// params:  keys: list[int]
// returns: token: map
// budget:  50 ms
UNWIND $keys AS key
MATCH (t:Token {key: key})
RETURN t {.id, .key, .name, .role, .clearance, .domains, .purposes, .created_at, .created_by, .expires_at, .revoked_at} AS token
