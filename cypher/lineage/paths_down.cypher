// One shortest path from an asset downstream to each of these, over visible assets only: urns, start first.
// mode:    read
// params:  urn: str, hits: list[str], indirect: bool, origins: list[str], transformations: list[str], clearance: int, domains: list[str]
// returns: urn: str, path: list[str]
// budget:  300 ms
MATCH (root:Asset {urn: $urn})
WHERE root.sensitivity <= $clearance AND ($domains IS NULL OR root.domain IN $domains)
UNWIND $hits AS hit_urn
MATCH (hit:Asset {urn: hit_urn})
WHERE hit <> root
CALL (root, hit) {
  MATCH p = SHORTEST 1 (root)(()-[e:FEEDS|INFLUENCES WHERE ($indirect OR type(e) = 'FEEDS') AND ($origins IS NULL OR e.origin IN $origins) AND ($transformations IS NULL OR any(t IN e.transformations WHERE t IN $transformations))]->(y:Asset WHERE y.sensitivity <= $clearance AND ($domains IS NULL OR y.domain IN $domains))){1,51}(hit)
  RETURN [n IN nodes(p) | n.urn] AS path
}
RETURN hit_urn AS urn, path
