// Take a block away, where it is on an asset that the actor may see; returns what it was.
// mode:    write
// params:  id: str, clearance: int, domains: list[str]
// returns: block: map
// budget:  50 ms
MATCH (b:PropagationBlock {id: $id})
OPTIONAL MATCH (a:Asset {urn: b.under})
WITH b, a
WHERE b.under IS NULL OR (a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains))
WITH b, properties(b) AS block
DELETE b
RETURN block
