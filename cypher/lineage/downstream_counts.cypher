// How many assets are downstream of one, by all that people group them by; rows beyond max_hops only say that there is more.
// mode:    read
// params:  urn: str, max_hops: int, indirect: bool, kinds: list[str], clearance: int, domains: list[str]
// returns: hops: int, kind: str, sensitivity: int, domain: str, source: str, assets: int
// budget:  200 ms
MATCH (root:Asset {urn: $urn})
WHERE root.sensitivity <= $clearance AND ($domains IS NULL OR root.domain IN $domains)
// include: cypher.lineage/_walk_down
WITH hit, CASE WHEN hops > $max_hops THEN $max_hops + 1 ELSE hops END AS hops
WHERE $kinds IS NULL OR hit.kind IN $kinds OR hops > $max_hops
RETURN hops, hit.kind AS kind, hit.sensitivity AS sensitivity, hit.domain AS domain, hit.source AS source, count(*) AS assets
