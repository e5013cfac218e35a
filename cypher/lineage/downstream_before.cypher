// The page of such a list before one of its rows, last row first.
// mode:    read
// params:  urn: str, max_hops: int, indirect: bool, kinds: list[str], before_hops: int, before_urn: str, first: int, clearance: int, domains: list[str]
// returns: urn: str, hops: int
// budget:  150 ms
MATCH (root:Asset {urn: $urn})
WHERE root.sensitivity <= $clearance AND ($domains IS NULL OR root.domain IN $domains)
// include: cypher.lineage/_walk_down
WITH hit.urn AS urn, hit.kind AS kind, hops
WHERE hops <= $max_hops AND (hops < $before_hops OR (hops = $before_hops AND urn < $before_urn))
  AND ($kinds IS NULL OR kind IN $kinds)
RETURN urn, hops
ORDER BY hops DESC, urn DESC
LIMIT $first
