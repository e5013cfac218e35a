// How many assets a walk reaches that the reader may not see; for those alone who may know that.
// mode:    read
// ways:    down, up, both, down_past, up_past, both_past
// params:  urn: str, max_hops: int, indirect: bool, origins: list[str], transformations: list[str], past_hidden: bool, clearance: int, domains: list[str]
// returns: assets: int
// budget:  200 ms
MATCH (root:Asset {urn: $urn})
WHERE root.sensitivity <= $clearance AND ($domains IS NULL OR root.domain IN $domains)
// include: cypher.lineage/_walk_<way>
WITH hit, hops
WHERE hops <= $max_hops AND NOT (hit.sensitivity <= $clearance AND ($domains IS NULL OR hit.domain IN $domains))
RETURN count(hit) AS assets
