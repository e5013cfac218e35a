// Note that not all that follows from a change is written with it: whoever takes over in between computes everything anew.
// mode:    write
// params:
// returns: id: str
// budget:  50 ms
MATCH (p:Propagation {id: 'columns'})
SET p.whole = true
RETURN p.id AS id
