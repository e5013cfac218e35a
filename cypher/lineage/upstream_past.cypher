// What was upstream of one asset as of a past instant, nearest first; a row beyond max_hops only says that there is more.
// mode:    read
// params:  urn: str, max_hops: int, indirect: bool, origins: list[str], transformations: list[str], filter: map, after_hops: int, after_urn: str, first: int, valid_at: str, known_at: str, clearance: int, domains: list[str]
// returns: urn: str, hops: int
// budget:  150 ms
MATCH (root:Asset {urn: $urn})
WHERE root.sensitivity <= $clearance AND ($domains IS NULL OR root.domain IN $domains)
// include: cypher.lineage/_walk_up_past
WITH hit AS a, hit.urn AS urn, hops
WHERE (hops > $after_hops OR (hops = $after_hops AND urn > $after_urn))
  AND (hops > $max_hops OR $filter IS NULL OR (true
// include: cypher.catalog/_filter
  ))
RETURN urn, hops
ORDER BY hops, urn
LIMIT $first
