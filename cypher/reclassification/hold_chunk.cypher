// Keep beside a preview what its run found, so that it can be applied as it was shown.
// mode:    write
// params:  preview: str, id: str, name: str, n: int, data: str
// returns: id: str
// budget:  50 ms
MATCH (p:ReclassificationPreview {id: $preview})
MERGE (c:RunChunk {id: $id})
SET c.name = $name, c.n = $n, c.data = $data
MERGE (p)-[:HOLDS]->(c)
RETURN c.id AS id
