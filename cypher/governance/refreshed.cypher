// Assets by key, as what computes their levels anew takes them; for commands, never for an answer.
// mode:    read
// params:  keys: list[int]
// returns: urns: list[str]
// budget:  50 ms
UNWIND $keys AS key
MATCH (a:Asset {key: key})
RETURN collect(a.urn) AS urns
