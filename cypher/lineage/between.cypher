// The assets on ways from one asset downstream to another, both included, with the length of the shortest way over each
// and what is left of it from there; a row whose way is longer than max_hops only says that there is more.
// mode:    read
// ways:    down, down_past
// params:  urn: str, target: str, max_hops: int, indirect: bool, origins: list[str], transformations: list[str], first: int, past_hidden: bool, clearance: int, domains: list[str]
// returns: urn: str, visible: bool, length: int, left: int
// budget:  300 ms
MATCH (start:Asset {urn: $urn})
WHERE start.sensitivity <= $clearance AND ($domains IS NULL OR start.domain IN $domains)
MATCH (end:Asset {urn: $target})
WHERE end.sensitivity <= $clearance AND ($domains IS NULL OR end.domain IN $domains)
CALL (start, end) {
  WITH start AS root
// include: cypher.lineage/_walk_<way>
  RETURN hit, hops AS down, null AS up
  UNION ALL
  WITH end AS root
// include: cypher.lineage/_back_<way>
  RETURN hit, null AS down, hops AS up
  UNION ALL
  RETURN start AS hit, 0 AS down, null AS up
  UNION ALL
  RETURN end AS hit, null AS down, 0 AS up
}
WITH hit, min(down) AS down, min(up) AS up
WHERE down + up > 0
RETURN hit.urn AS urn, hit.sensitivity <= $clearance AND ($domains IS NULL OR hit.domain IN $domains) AS visible,
       down + up AS length, up AS left
ORDER BY length, urn
LIMIT $first
