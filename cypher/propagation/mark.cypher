// Note columns of which something changed that those downstream of them follow from; with `levels` assets whose level is to be computed anew.
// mode:    write
// params:  id: str, at: str, keys: list[int], whole: bool, levels: bool
// returns: id: str
// budget:  50 ms
CREATE (m:PropagationMark {id: $id, at: $at, keys: $keys, whole: $whole, levels: $levels})
RETURN m.id AS id
