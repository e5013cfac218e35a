// Store one token's hash, role and scope; a token that has this id already stays as it is.
// mode:    write
// params:  props: map
// returns: made: bool
// budget:  50 ms
MERGE (t:Token {id: $props.id})
  ON CREATE SET t = $props
RETURN t.hash = $props.hash AS made
