// The assets downstream of `root` with their shortest distance, one hop further than asked, so that it shows whether
// there is more; it never passes a hidden asset. A bound must be written out, and a short walk must not pay for a long one.
CALL (root) {
  WITH root WHERE $max_hops = 1
  MATCH p = (root)(()-[e:FEEDS|INFLUENCES WHERE ($indirect OR type(e) = 'FEEDS') AND ($origins IS NULL OR e.origin IN $origins) AND ($transformations IS NULL OR any(t IN e.transformations WHERE t IN $transformations))]->(y:Asset WHERE y.sensitivity <= $clearance AND ($domains IS NULL OR y.domain IN $domains))){1,2}(hit)
  WITH root, hit, min(length(p)) AS hops
  WHERE hit <> root
  RETURN hit, hops
  UNION ALL
  WITH root WHERE $max_hops IN [2, 3]
  MATCH p = (root)(()-[e:FEEDS|INFLUENCES WHERE ($indirect OR type(e) = 'FEEDS') AND ($origins IS NULL OR e.origin IN $origins) AND ($transformations IS NULL OR any(t IN e.transformations WHERE t IN $transformations))]->(y:Asset WHERE y.sensitivity <= $clearance AND ($domains IS NULL OR y.domain IN $domains))){1,4}(hit)
  WITH root, hit, min(length(p)) AS hops
  WHERE hit <> root
  RETURN hit, hops
  UNION ALL
  WITH root WHERE $max_hops > 3
  MATCH p = (root)(()-[e:FEEDS|INFLUENCES WHERE ($indirect OR type(e) = 'FEEDS') AND ($origins IS NULL OR e.origin IN $origins) AND ($transformations IS NULL OR any(t IN e.transformations WHERE t IN $transformations))]->(y:Asset WHERE y.sensitivity <= $clearance AND ($domains IS NULL OR y.domain IN $domains))){1,51}(hit)
  WITH root, hit, min(length(p)) AS hops
  WHERE hit <> root
  RETURN hit, hops
}
