// What a run would change; written again it stays the same.
// mode:    write
// params:  id: str, rows: list[map]
// returns: written: int
// budget:  300 ms
MATCH (p:ReclassificationPreview {id: $id})
UNWIND $rows AS row
MERGE (c:ReclassificationChange {id: row.id})
SET c = row
MERGE (p)-[:HOLDS]->(c)
RETURN count(c) AS written
