// An exception, or what one of the same place says from now on.
// mode:    write
// params:  id: str, props: map
// returns: id: str
// budget:  20 ms
MERGE (e:ClassificationException {id: $id})
SET e += $props, e.settled = null
RETURN e.id AS id
