// The assets upstream of `root` with their shortest distance as of a past instant, one hop further than asked, so that it shows whether
// there is more. A bound must be written out, and a short walk must not pay for a long one.
CALL (root) {
  WITH root WHERE $max_hops = 1
  MATCH p = (root)(
// include: cypher.lineage/_step_up_past
  ){1,2}(hit)
  WITH root, hit, min(length(p)) AS hops
  WHERE hit <> root
  RETURN hit, hops
  UNION ALL
  WITH root WHERE $max_hops IN [2, 3]
  MATCH p = (root)(
// include: cypher.lineage/_step_up_past
  ){1,4}(hit)
  WITH root, hit, min(length(p)) AS hops
  WHERE hit <> root
  RETURN hit, hops
  UNION ALL
  WITH root WHERE $max_hops > 3
  MATCH p = (root)(
// include: cypher.lineage/_step_up_past
  )+(hit)
  WITH root, hit, min(length(p)) AS hops
  WHERE hit <> root
  RETURN hit, hops
}
