// What a walk reaches, put together by what holds it; a row beyond max_hops only says that there is more.
// mode:    read
// ways:    down, up, both, down_past, up_past, both_past
// params:  urn: str, max_hops: int, indirect: bool, origins: list[str], transformations: list[str], filter: map, by: str, past_hidden: bool, clearance: int, domains: list[str]
// returns: beyond: bool, group: str, assets: int, nearest: int
// budget:  300 ms
MATCH (root:Asset {urn: $urn})
WHERE root.sensitivity <= $clearance AND ($domains IS NULL OR root.domain IN $domains)
// include: cypher.lineage/_walk_<way>
WITH hit AS a, hops
WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
  AND (hops > $max_hops OR $filter IS NULL OR (true
// include: cypher.catalog/_filter
  ))
WITH a, hops, hops > $max_hops AS beyond
CALL (a, beyond) {
  WITH a, beyond WHERE NOT beyond AND $by IN ['DATASET', 'SCHEMA'] AND a.kind <> $by
  OPTIONAL MATCH (g:Asset WHERE g.sensitivity <= $clearance AND ($domains IS NULL OR g.domain IN $domains))-[:CONTAINS]->{1,2}(a)
  WHERE g.kind = $by
  RETURN g.urn AS group
  UNION ALL
  WITH a, beyond WHERE NOT beyond AND a.kind = $by
  RETURN a.urn AS group
  UNION ALL
  WITH a, beyond WHERE NOT beyond AND $by = 'SOURCE'
  RETURN a.source AS group
  UNION ALL
  WITH a, beyond WHERE NOT beyond AND $by = 'DOMAIN'
  RETURN a.domain AS group
  UNION ALL
  WITH a, beyond WHERE beyond
  RETURN null AS group
}
RETURN beyond, group, count(*) AS assets, min(hops) AS nearest
