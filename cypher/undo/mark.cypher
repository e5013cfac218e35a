// Note on a run how far its undo is.
// mode:    write
// params:  run: str, props: map
// returns: id: str
// budget:  20 ms
MATCH (r:Run {id: $run})
SET r += $props
RETURN r.id AS id
