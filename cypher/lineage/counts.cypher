// How many assets a walk reaches, by all that people group them by; rows beyond max_hops only say that there is more.
// mode:    read
// ways:    down, up, both, down_past, up_past, both_past
// params:  urn: str, max_hops: int, indirect: bool, origins: list[str], transformations: list[str], filter: map, past_hidden: bool, clearance: int, domains: list[str]
// returns: hops: int, kind: str, sensitivity: int, domain: str, source: str, assets: int
// budget:  200 ms
MATCH (root:Asset {urn: $urn})
WHERE root.sensitivity <= $clearance AND ($domains IS NULL OR root.domain IN $domains)
// include: cypher.lineage/_walk_<way>
WITH hit AS a, CASE WHEN hops > $max_hops THEN $max_hops + 1 ELSE hops END AS hops
WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
  AND (hops > $max_hops OR $filter IS NULL OR (true
// include: cypher.catalog/_filter
  ))
RETURN hops, a.kind AS kind, a.sensitivity AS sensitivity, a.domain AS domain, a.source AS source, count(*) AS assets
