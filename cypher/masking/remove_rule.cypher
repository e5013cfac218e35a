// Mask values as shipped again.
// mode:    write
// params:  id: str
// returns: mask: str
// budget:  30 ms
MATCH (m:MaskingRule {id: $id})
WITH m, m.mask AS mask
DELETE m
RETURN mask
