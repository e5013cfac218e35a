// What the holder of a token may say he acts for.
// mode:    write
// params:  id: str, purposes: list[str]
// returns: id: str, before: list[str]
// budget:  30 ms
MATCH (t:Token {id: $id})
WITH t, coalesce(t.purposes, []) AS before
SET t.purposes = $purposes
RETURN t.id AS id, before
