// Which columns of some of these datasets feed which columns of any of them, or decide over any of them: in one row
// per dataset, triples of column, what it feeds, and the dataset that this is or belongs to.
// mode:    read
// ways:    now, past
// params:  part: list[str], urns: list[str], clearance: int, domains: list[str]
// returns: dataset: str, uses: list[list]
// budget:  150 ms
UNWIND $part AS urn
MATCH (d:Asset {urn: urn})-[:CONTAINS]->(c:Column)
// include: cypher.pictures/_feeding_<way>
(a:Asset)
WHERE c.sensitivity <= $clearance AND ($domains IS NULL OR c.domain IN $domains)
  AND a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
OPTIONAL MATCH (o:Dataset WHERE o.sensitivity <= $clearance AND ($domains IS NULL OR o.domain IN $domains))-[:CONTAINS]->(a)
WITH DISTINCT urn, c.urn AS up, a.urn AS down, CASE a.kind WHEN 'COLUMN' THEN o.urn ELSE a.urn END AS held
WHERE held IN $urns
ORDER BY urn, up, down
RETURN urn AS dataset, collect([up, down, held]) AS uses
