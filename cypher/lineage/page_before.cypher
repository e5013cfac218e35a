// The page of such a list before one of its rows, last row first.
// mode:    read
// ways:    down, up, both, down_past, up_past, both_past
// params:  urn: str, max_hops: int, indirect: bool, origins: list[str], transformations: list[str], filter: map, before_hops: int, before_urn: str, first: int, past_hidden: bool, clearance: int, domains: list[str]
// returns: urn: str, hops: int
// budget:  150 ms
MATCH (root:Asset {urn: $urn})
WHERE root.sensitivity <= $clearance AND ($domains IS NULL OR root.domain IN $domains)
// include: cypher.lineage/_walk_<way>
WITH hit AS a, hit.urn AS urn, hops
WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
  AND hops <= $max_hops AND (hops < $before_hops OR (hops = $before_hops AND urn < $before_urn))
  AND ($filter IS NULL OR (true
// include: cypher.catalog/_filter
  ))
RETURN urn, hops
ORDER BY hops DESC, urn DESC
LIMIT $first
