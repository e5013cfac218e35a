// Mask values otherwise from now on.
// mode:    write
// params:  props: map
// returns: before: str
// budget:  30 ms
MERGE (m:MaskingRule {id: $props.id})
WITH m, m.mask AS before
SET m = $props
RETURN before
