// Keep that somebody asks to read rows; one that is there stays as it is.
// mode:    write
// params:  props: map
// returns: id: str
// budget:  50 ms
MERGE (r:SampleRequest {id: $props.id})
  ON CREATE SET r = $props
RETURN r.id AS id
