// What walks downstream from any of the starts of a row reach, those themselves and what they contain apart: how much that
// is, and the nearest of it.
// mode:    read
// params:  rows: list[map], indirect: bool, origins: list[str], transformations: list[str], past_hidden: bool, max_hops: int, first: int, clearance: int, domains: list[str]
// returns: id: str, total: int, nearest: list[map]
// budget:  500 ms
UNWIND $rows AS row
CALL (row) {
  UNWIND row.urns AS start
  MATCH (top:Asset {urn: start})
  WHERE top.sensitivity <= $clearance AND ($domains IS NULL OR top.domain IN $domains)
  MATCH (top)-[:CONTAINS]->{0,1}(root:Asset)
  WITH collect(DISTINCT root) AS inside
  UNWIND inside AS root
// include: cypher.lineage/_walk_down
  WITH inside, hit, min(hops) AS hops
  WHERE NOT hit IN inside AND hops <= $max_hops
  WITH hit, hops ORDER BY hops, hit.urn
  WITH count(hit) AS total, collect({urn: hit.urn, hops: hops})[..$first] AS nearest
  RETURN total, nearest
}
RETURN row.id AS id, total, nearest
