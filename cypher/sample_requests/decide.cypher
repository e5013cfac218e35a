// What somebody decided about a request; an earlier decision gives way.
// mode:    write
// params:  id: str, props: map
// returns: id: str
// budget:  50 ms
MATCH (r:SampleRequest {id: $id})
SET r += $props
RETURN r.id AS id
