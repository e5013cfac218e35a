// A run's preview of what it would change, kept until it expires; begun anew, what it found before is replaced.
// mode:    write
// params:  id: str, props: map
// returns: id: str
// budget:  50 ms
MATCH (r:Run {id: $id})
MERGE (p:ReclassificationPreview {id: $id})
SET p += $props
MERGE (r)-[:PREVIEWS]->(p)
RETURN p.id AS id
