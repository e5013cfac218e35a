// What a walk reaches, nearest first; a row beyond max_hops only says that there is more.
// mode:    read
// ways:    down, up, both, down_past, up_past, both_past
// params:  urn: str, max_hops: int, indirect: bool, origins: list[str], transformations: list[str], filter: map, after_hops: int, after_urn: str, first: int, past_hidden: bool, clearance: int, domains: list[str]
// returns: urn: str, hops: int
// budget:  150 ms
MATCH (root:Asset {urn: $urn})
WHERE root.sensitivity <= $clearance AND ($domains IS NULL OR root.domain IN $domains)
// include: cypher.lineage/_walk_<way>
WITH hit AS a, hit.urn AS urn, hops
WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
  AND (hops > $after_hops OR (hops = $after_hops AND urn > $after_urn))
  AND (hops > $max_hops OR $filter IS NULL OR (true
// include: cypher.catalog/_filter
  ))
RETURN urn, hops
ORDER BY hops, urn
LIMIT $first
