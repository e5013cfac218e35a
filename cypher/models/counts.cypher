// How many verdicts of people a model can learn from, by source and dataset.
// mode:    read
// params:  before: str, sure: float, open: int
// returns: source: str, dataset: str, verdicts: int
// budget:  200 ms
// include: cypher.models/_people
MATCH (d:Dataset)-[:CONTAINS]->(a)
RETURN coalesce(a.source, '') AS source, d.urn AS dataset, count(*) AS verdicts
