// Classifications that these assets had at a past instant, with who or what said so; the surest first. What was inherited then is told where
// nothing was said of it there itself.
// mode:    read
// params:  urns: list[str], valid_at: str, known_at: str, clearance: int, domains: list[str]
// returns: urn: str, verdicts: list[map]
// budget:  60 ms
UNWIND $urns AS urn
MATCH (a:Asset {urn: urn})
WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
RETURN urn, COLLECT {
  CALL (a) {
    MATCH (a)-[v:CLASSIFIED_AS|WAS_CLASSIFIED_AS|INHERITS|WAS_INHERITS]->(c)
    WHERE
// include: cypher.governance/_held
    RETURN v, c, type(v) ENDS WITH 'INHERITS' AS second
    UNION ALL
    MATCH (a)<-[:CONTAINS]-{1,5}(:Asset)-[v:CLASSIFIED_AS|WAS_CLASSIFIED_AS]->(c)
    WHERE v.status = 'CONFIRMED' AND
// include: cypher.governance/_held
    RETURN v, c, true AS second
  }
  WITH c, second, v ORDER BY second, v.confidence DESC
  WITH c, collect({second: second, v: v}) AS found
  UNWIND (CASE WHEN found[0].second THEN found[..1] ELSE [each IN found WHERE NOT each.second] END) AS each
  WITH c, each.second AS second, each.v AS v
  RETURN {classification: c {.*},
          verdict: CASE WHEN second THEN v {.*, origin: 'PROPAGATED'} ELSE properties(v) END} AS found
  ORDER BY found.verdict.status = 'REJECTED', found.verdict.confidence DESC, found.classification.name
} AS verdicts
