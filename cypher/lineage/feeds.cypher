// Assets that these feed directly, by urn, with what is said of each edge.
// mode:    read
// ways:    now, past
// params:  urns: list[str], key: str, backward: bool, first: int, indirect: bool, clearance: int, domains: list[str]
// returns: urn: str, neighbours: list[map]
// budget:  60 ms
UNWIND $urns AS urn
MATCH (root:Asset {urn: urn})
CALL (root) {
  MATCH (root)
// include: cypher.lineage/_feeding_<way>
  (a:Asset)
  WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
    AND CASE WHEN $key IS NULL THEN true WHEN $backward THEN a.urn < $key ELSE a.urn > $key END
  WITH a, collect(e {.*, type: coalesce(e.type, type(e))}) AS edges ORDER BY a.urn
  WITH collect({urn: a.urn, edges: edges}) AS found
  RETURN (CASE WHEN $backward THEN reverse(found) ELSE found END)[..$first] AS neighbours
}
RETURN urn, neighbours
