// The assets on both sides of `root`, those on both at the shorter distance.
CALL (root) {
  WITH root
// include: cypher.lineage/_walk_down_past
  RETURN hit, hops
  UNION ALL
  WITH root
// include: cypher.lineage/_walk_up_past
  RETURN hit, hops
}
WITH root, hit, min(hops) AS hops
