// Pages of the assets downstream that incidents name, the nearest first, those of them that the reader may see.
// mode:    read
// params:  ids: list[str], key: list, backward: bool, first: int, clearance: int, domains: list[str]
// returns: id: str, total: int, assets: list[map]
// budget:  50 ms
UNWIND $ids AS id
MATCH (i:Incident {id: id})
CALL (i) {
  MATCH (i)-[f:AFFECTS]->(a:Asset)
  WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
  WITH a.urn AS urn, f.hops AS hops ORDER BY hops, urn
  WITH count(urn) AS total, collect({urn: urn, hops: hops}) AS all
  RETURN total, [each IN all WHERE $key IS NULL OR CASE WHEN $backward THEN [each.hops, each.urn] < $key ELSE [each.hops, each.urn] > $key END] AS found
}
RETURN id, total, (CASE WHEN $backward THEN reverse(found) ELSE found END)[..$first] AS assets
