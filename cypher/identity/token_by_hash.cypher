// The token with this hash, whatever its state.
// mode:    read
// params:  hash: str
// returns: token: map
// budget:  20 ms
MATCH (t:Token {hash: $hash})
RETURN properties(t) AS token
