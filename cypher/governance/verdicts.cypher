// Classifications of these assets, with who or what says so; the surest first.
// mode:    read
// params:  urns: list[str], clearance: int, domains: list[str]
// returns: urn: str, verdicts: list[map]
// budget:  50 ms
UNWIND $urns AS urn
MATCH (a:Asset {urn: urn})
WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
RETURN urn, COLLECT {
  MATCH (a)-[v:CLASSIFIED_AS]->(c:Classification)
  RETURN {classification: c {.key, .name, .title, .description, .category, .sensitivity, .version, .purposes}, verdict: properties(v)} AS found
  ORDER BY found.verdict.status = 'REJECTED', found.verdict.confidence DESC, found.classification.name
} AS verdicts
