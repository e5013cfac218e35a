// Keep that somebody may decide in the place of somebody else; one that is there stays as it is.
// mode:    write
// params:  props: map
// returns: id: str
// budget:  50 ms
MERGE (d:ApprovalDelegation {id: $props.id})
  ON CREATE SET d = $props
RETURN d.id AS id
