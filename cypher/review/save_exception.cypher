// An exception; returns null where what it is about is not there for this reader.
// mode:    write
// params:  id: str, props: map
// returns: id: str
// budget:  20 ms
CREATE (e:ClassificationException {id: $id})
SET e += $props
RETURN e.id AS id
