// What walks downstream from an asset or from anything that it contains reach, that itself apart, nearest first; each with
// a shortest path from where its walk starts. A row beyond max_hops only says that there is more.
// mode:    read
// ways:    down, down_past
// params:  urn: str, max_hops: int, indirect: bool, origins: list[str], transformations: list[str], filter: map, first: int, past_hidden: bool, clearance: int, domains: list[str]
// returns: urn: str, hops: int, path: list[str]
// budget:  500 ms
MATCH (top:Asset {urn: $urn})
WHERE top.sensitivity <= $clearance AND ($domains IS NULL OR top.domain IN $domains)
MATCH (top)-[:CONTAINS]->{0,4}(root:Asset)
WHERE $past_hidden OR (root.sensitivity <= $clearance AND ($domains IS NULL OR root.domain IN $domains))
WITH collect(root) AS inside
UNWIND inside AS root
// include: cypher.lineage/_walk_<way>
WITH inside, root, hit AS a, hops
WHERE NOT a IN inside
  AND a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
  AND (hops > $max_hops OR $filter IS NULL OR (true
// include: cypher.catalog/_filter
  ))
WITH a, hops, root ORDER BY hops, a.urn, root.urn
WITH a, head(collect(hops)) AS hops, head(collect(root)) AS root
ORDER BY hops, a.urn LIMIT $first
CALL (a, root) {
  MATCH p = SHORTEST 1 (root)(
// include: cypher.lineage/_step_<way>
  )+(a)
  RETURN [n IN nodes(p) WHERE n.sensitivity <= $clearance AND ($domains IS NULL OR n.domain IN $domains) | n.urn] AS path
}
RETURN a.urn AS urn, hops, path
ORDER BY hops, urn
