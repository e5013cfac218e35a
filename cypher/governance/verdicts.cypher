// Classifications of these assets, with who or what says so; the surest first. What is inherited is told where nothing is said of it there
// itself: along lineage, or from what holds the asset, where a person said it of that.
// mode:    read
// params:  urns: list[str], clearance: int, domains: list[str]
// returns: urn: str, verdicts: list[map]
// budget:  50 ms
UNWIND $urns AS urn
MATCH (a:Asset {urn: urn})
WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
RETURN urn, COLLECT {
  CALL (a) {
    MATCH (a)-[v:CLASSIFIED_AS|INHERITS]->(c)
    RETURN v, c, type(v) = 'INHERITS' AS second
    UNION ALL
    MATCH (a)<-[:CONTAINS]-{1,5}(:Asset)-[v:CLASSIFIED_AS]->(c)
    WHERE v.status = 'CONFIRMED'
    RETURN v, c, true AS second
  }
  WITH c, second, v ORDER BY second, v.confidence DESC
  WITH c, head(collect(CASE WHEN second THEN v {.*, origin: 'PROPAGATED'} ELSE properties(v) END)) AS verdict
  RETURN {classification: c {.*}, verdict: verdict} AS found
  ORDER BY found.verdict.status = 'REJECTED', found.verdict.confidence DESC, found.classification.name
} AS verdicts
