// One shortest path of a walk to each of these: urns of what the reader may see on it, start first.
// mode:    read
// ways:    down, up, down_past, up_past
// params:  urn: str, hits: list[str], indirect: bool, origins: list[str], transformations: list[str], past_hidden: bool, clearance: int, domains: list[str]
// returns: urn: str, path: list[str]
// budget:  300 ms
MATCH (root:Asset {urn: $urn})
WHERE root.sensitivity <= $clearance AND ($domains IS NULL OR root.domain IN $domains)
UNWIND $hits AS hit_urn
MATCH (hit:Asset {urn: hit_urn})
WHERE hit <> root AND hit.sensitivity <= $clearance AND ($domains IS NULL OR hit.domain IN $domains)
CALL (root, hit) {
  MATCH p = SHORTEST 1 (root)(
// include: cypher.lineage/_step_<way>
  )+(hit)
  RETURN [n IN nodes(p) WHERE n.sensitivity <= $clearance AND ($domains IS NULL OR n.domain IN $domains) | n.urn] AS path
}
RETURN hit_urn AS urn, path
