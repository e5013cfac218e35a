// Foreign keys that the columns of these datasets have in the graph, as [urn of the own column, urn of the other].
// mode:    read
// params:  urns: list[str]
// returns: urn: str, pairs: list[list]
// budget:  60 ms
UNWIND $urns AS urn
MATCH (d:Asset {urn: urn})-[:CONTAINS]->(c:Column)-[:REFERENCES]->(other:Asset)
RETURN urn, collect([c.urn, other.urn]) AS pairs
