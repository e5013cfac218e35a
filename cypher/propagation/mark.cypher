// Note columns of which something changed that those downstream of them follow from.
// mode:    write
// params:  id: str, at: str, keys: list[int], whole: bool
// returns: id: str
// budget:  50 ms
CREATE (m:PropagationMark {id: $id, at: $at, keys: $keys, whole: $whole})
RETURN m.id AS id
