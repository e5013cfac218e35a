// Keep what a stage hands to a later one; written again it is replaced.
// mode:    write
// params:  run: str, id: str, name: str, n: int, data: str
// returns: id: str
// budget:  50 ms
MATCH (r:Run {id: $run})
MERGE (c:RunChunk {id: $id})
SET c.name = $name, c.n = $n, c.data = $data
MERGE (r)-[:KEEPS]->(c)
RETURN c.id AS id
