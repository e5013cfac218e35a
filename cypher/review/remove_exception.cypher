// Takes an exception away.
// mode:    write
// params:  id: str
// returns: props: map
// budget:  20 ms
MATCH (e:ClassificationException {id: $id})
WITH e, properties(e) AS props
DELETE e
RETURN props
