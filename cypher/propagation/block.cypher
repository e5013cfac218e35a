// Keep that a classification is not inherited in an asset, or nowhere where there is no `under`; one that is there stays as it is.
// mode:    write
// params:  props: map
// returns: id: str
// budget:  50 ms
MATCH (c:Classification {name: $props.classification})
MERGE (b:PropagationBlock {id: $props.id})
  ON CREATE SET b += $props
RETURN b.id AS id
