// The assets downstream of `root` as of a past instant, in the form of _walk_down: over edges, closed ones included, that were
// held at `valid_at` by what was recorded at `known_at`.
CALL (root) {
  WITH root WHERE $max_hops = 1
  MATCH p = (root)(()-[e:FEEDS|INFLUENCES|FED WHERE ($indirect OR coalesce(e.type, type(e)) = 'FEEDS') AND e.first_seen <= $valid_at AND e.first_seen <= $known_at AND (e.closed_at IS NULL OR e.closed_at > $valid_at OR e.closed_at > $known_at) AND ($origins IS NULL OR e.origin IN $origins) AND ($transformations IS NULL OR any(t IN e.transformations WHERE t IN $transformations))]->(y:Asset WHERE y.sensitivity <= $clearance AND ($domains IS NULL OR y.domain IN $domains))){1,2}(hit)
  WITH root, hit, min(length(p)) AS hops
  WHERE hit <> root
  RETURN hit, hops
  UNION ALL
  WITH root WHERE $max_hops IN [2, 3]
  MATCH p = (root)(()-[e:FEEDS|INFLUENCES|FED WHERE ($indirect OR coalesce(e.type, type(e)) = 'FEEDS') AND e.first_seen <= $valid_at AND e.first_seen <= $known_at AND (e.closed_at IS NULL OR e.closed_at > $valid_at OR e.closed_at > $known_at) AND ($origins IS NULL OR e.origin IN $origins) AND ($transformations IS NULL OR any(t IN e.transformations WHERE t IN $transformations))]->(y:Asset WHERE y.sensitivity <= $clearance AND ($domains IS NULL OR y.domain IN $domains))){1,4}(hit)
  WITH root, hit, min(length(p)) AS hops
  WHERE hit <> root
  RETURN hit, hops
  UNION ALL
  WITH root WHERE $max_hops > 3
  MATCH p = (root)(()-[e:FEEDS|INFLUENCES|FED WHERE ($indirect OR coalesce(e.type, type(e)) = 'FEEDS') AND e.first_seen <= $valid_at AND e.first_seen <= $known_at AND (e.closed_at IS NULL OR e.closed_at > $valid_at OR e.closed_at > $known_at) AND ($origins IS NULL OR e.origin IN $origins) AND ($transformations IS NULL OR any(t IN e.transformations WHERE t IN $transformations))]->(y:Asset WHERE y.sensitivity <= $clearance AND ($domains IS NULL OR y.domain IN $domains))){1,51}(hit)
  WITH root, hit, min(length(p)) AS hops
  WHERE hit <> root
  RETURN hit, hops
}
