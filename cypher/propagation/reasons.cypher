// What these assets inherit: along lineage for the nearest columns that say so, and of what holds them by what people confirmed there.
// Assets that the reader may not see are null.
// mode:    read
// params:  urns: list[str], clearance: int, domains: list[str]
// returns: urn: str, inherited: list[map]
// budget:  100 ms
UNWIND $urns AS urn
MATCH (a:Asset {urn: urn})
WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
CALL (a) {
  MATCH (a)-[v:INHERITS]->(c:Classification)
  WITH a, v, c,
// include: cypher.propagation/_came
  RETURN 'LINEAGE' AS way, c, v.valid_from AS since, size(v.hops) > 5 AS more, reasons, v.confidence AS confidence
  UNION ALL
  MATCH p = (a)<-[:CONTAINS]-{1,5}(above:Asset)-[v:CLASSIFIED_AS]->(c:Classification)
  WHERE v.status = 'CONFIRMED'
  WITH a, above, v, c, length(p) - 1 AS hops ORDER BY hops
  WITH a, c, collect({above: above, v: v, hops: hops}) AS found
  RETURN 'CONTAINMENT' AS way, c, found[0].v.decided_at AS since, false AS more, [x IN found |
    {origin: CASE WHEN x.above.sensitivity <= $clearance AND ($domains IS NULL OR x.above.domain IN $domains) THEN x.above.urn END,
     origin_key: x.above.key, hops: x.hops, via: null, confidence: 1.0}] AS reasons, 1.0 AS confidence
}
WITH a, urn, way, c, since, more, reasons, confidence
ORDER BY urn, c.name, way
RETURN urn, collect({key: a.key, way: way, since: since, more: more, reasons: reasons, confidence: confidence,
  classification: c {.key, .name, .title, .description, .category, .sensitivity, .version},
  rejected: EXISTS { (a)-[:CLASSIFIED_AS {status: 'REJECTED'}]->(c) }}) AS inherited
