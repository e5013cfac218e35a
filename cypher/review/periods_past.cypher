// Pages of what stood of these assets with the time in which it did, the newest first: what was said of them themselves, and what they inherited
// along lineage, with where that came from. A key is [recorded at, closed at or ~, classification, OWN or INHERITED].
// mode:    read
// params:  urns: list[str], inherited: bool, key: list, backward: bool, first: int, clearance: int, domains: list[str]
// returns: urn: str, periods: list[map]
// budget:  100 ms
UNWIND $urns AS urn
MATCH (a:Asset {urn: urn})
WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
CALL (a) {
  MATCH (a)-[v:CLASSIFIED_AS|WAS_CLASSIFIED_AS|INHERITS|WAS_INHERITS]->(c:Classification)
  WITH v, c, type(v) ENDS WITH 'INHERITS' AS came
  WHERE $inherited IS NULL OR came = $inherited
  WITH v, c, came, [coalesce(v.recorded_at, v.decided_at, v.valid_from, ''), coalesce(v.closed_at, '~'), c.name,
                    CASE WHEN came THEN 'INHERITED' ELSE 'OWN' END] AS position
  WHERE CASE WHEN $key IS NULL THEN true WHEN $backward THEN position > $key ELSE position < $key END
  WITH v, c, came, position ORDER BY position DESC
  WITH collect({v: v, c: c, came: came, position: position}) AS found
  UNWIND (CASE WHEN $backward THEN reverse(found) ELSE found END)[..$first] AS each
  WITH a, each, each.v AS v, each.c AS c
  WITH a, each, v, c, each.came AND EXISTS { (a)-[n:INHERITS|WAS_INHERITS]->(c) WHERE n.recorded_at = v.closed_at } AS otherwise,
// include: cypher.propagation/_came
  RETURN collect({position: each.position, inherited: each.came, reasons: reasons, otherwise: otherwise, verdict: properties(v),
                  classification: c {.key, .name, .title, .description, .category, .sensitivity, .version}}) AS periods
}
RETURN urn, periods
