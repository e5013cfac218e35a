// Columns in order of these datasets, for expanding stars and positions in SQL.
// mode:    read
// params:  urns: list[str]
// returns: urn: str, columns: list[str]
// budget:  300 ms
UNWIND $urns AS urn
MATCH (d:Asset {urn: urn})-[:CONTAINS]->(c:Column)
WHERE c.status = 'ACTIVE'
WITH urn, c ORDER BY c.ordinal, c.urn
RETURN urn, collect(c.name) AS columns
