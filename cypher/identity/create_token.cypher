// Store one token's hash, role and scope.
// mode:    write
// params:  props: map
// returns: id: str
// budget:  50 ms
CREATE (t:Token)
SET t = $props
RETURN t.id AS id
