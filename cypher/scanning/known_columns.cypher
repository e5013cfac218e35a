// Columns in order of all datasets of a source, for expanding stars and positions in SQL, in chunks of fat rows.
// mode:    read
// params:  source: str
// returns: chunk: list[list]
// budget:  500 ms
MATCH (d:Asset {source: $source, kind: 'DATASET'})
WHERE d.urn >= ''
MATCH (d)-[:CONTAINS]->(c:Column)
WHERE c.status = 'ACTIVE'
WITH d, c ORDER BY c.ordinal, c.urn
WITH d.urn AS urn, collect(c.name) AS columns
WITH collect([urn, columns]) AS found
UNWIND range(0, size(found), 1000) AS start
RETURN found[start..start + 1000] AS chunk
