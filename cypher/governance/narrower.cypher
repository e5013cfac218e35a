// The hierarchy of these classifications: each is narrower than its parent, and than no other.
// mode:    write
// params:  rows: list[map]
// returns: narrower: int
// budget:  100 ms
UNWIND $rows AS row
MATCH (c:Classification {name: row.name})
CALL (c, row) {
  MATCH (c)-[old:NARROWER_THAN]->(above)
  WHERE row.parent IS NULL OR above.name <> row.parent
  DELETE old
}
WITH c, row
WHERE row.parent IS NOT NULL
MATCH (above:Classification {name: row.parent})
MERGE (c)-[:NARROWER_THAN]->(above)
RETURN count(*) AS narrower
