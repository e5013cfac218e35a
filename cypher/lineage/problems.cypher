// Datasets that a walk touches and whose SQL could not be read, so that edges may be missing.
// mode:    read
// ways:    down, up, both, down_past, up_past, both_past
// params:  urn: str, max_hops: int, indirect: bool, origins: list[str], transformations: list[str], past_hidden: bool, clearance: int, domains: list[str]
// returns: datasets: int
// budget:  200 ms
MATCH (root:Asset {urn: $urn})
WHERE root.sensitivity <= $clearance AND ($domains IS NULL OR root.domain IN $domains)
CALL (root) {
  RETURN root AS touched
  UNION ALL
  WITH root
// include: cypher.lineage/_walk_<way>
  WITH hit, hops WHERE hops <= $max_hops
  RETURN hit AS touched
}
CALL (touched) {
  WITH touched WHERE touched.kind <> 'COLUMN'
  RETURN touched AS d
  UNION ALL
  WITH touched WHERE touched.kind = 'COLUMN'
  MATCH (d:Dataset)-[:CONTAINS]->(touched)
  WHERE $past_hidden OR (d.sensitivity <= $clearance AND ($domains IS NULL OR d.domain IN $domains))
  RETURN d
}
WITH d WHERE d.lineage_problem IS NOT NULL
RETURN count(DISTINCT d) AS datasets
