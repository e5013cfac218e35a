// Vectors of assets, with the hash of the text each was made from.
// mode:    write
// params:  rows: list[map]
// returns: written: int
// budget:  500 ms
UNWIND $rows AS row
MATCH (a:Asset {urn: row.urn})
CALL db.create.setNodeVectorProperty(a, 'embedding', row.vector)
SET a.embedding_hash = row.hash
RETURN count(a) AS written
