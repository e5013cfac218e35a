// All that followed from these marks is written.
// mode:    write
// params:  ids: list[str], state: map
// returns: done: int
// budget:  50 ms
MATCH (p:Propagation {id: 'columns'})
SET p += $state
WITH p
UNWIND $ids AS id
MATCH (m:PropagationMark {id: id})
DELETE m
RETURN count(*) AS done
