// The token of this id, whatever its state, without its hash.
// mode:    read
// params:  id: str
// returns: token: map
// budget:  20 ms
MATCH (t:Token {id: $id})
RETURN t {.id, .name, .role, .expires_at, .revoked_at} AS token
