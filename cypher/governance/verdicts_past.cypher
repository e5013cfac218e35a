// Classifications that these assets had at a past instant, with who or what said so; the surest first.
// mode:    read
// params:  urns: list[str], valid_at: str, known_at: str, clearance: int, domains: list[str]
// returns: urn: str, verdicts: list[map]
// budget:  60 ms
UNWIND $urns AS urn
MATCH (a:Asset {urn: urn})
WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
RETURN urn, COLLECT {
  MATCH (a)-[v:CLASSIFIED_AS|WAS_CLASSIFIED_AS]->(c:Classification)
  WHERE
// include: cypher.governance/_held
  RETURN {classification: c {.key, .name, .title, .description, .category, .sensitivity, .version, .purposes}, verdict: properties(v)} AS found
  ORDER BY found.verdict.status = 'REJECTED', found.verdict.confidence DESC, found.classification.name
} AS verdicts
