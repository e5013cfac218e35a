// Every verdict on these assets with the time in which it stood, the newest first; those that stand among them.
// mode:    read
// params:  urns: list[str], clearance: int, domains: list[str]
// returns: urn: str, periods: list[map]
// budget:  60 ms
UNWIND $urns AS urn
MATCH (a:Asset {urn: urn})
WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
RETURN urn, COLLECT {
  MATCH (a)-[v:CLASSIFIED_AS|WAS_CLASSIFIED_AS]->(c:Classification)
  RETURN {at: coalesce(v.recorded_at, v.decided_at, v.valid_from), classification: c {.key, .name, .title, .description, .category, .sensitivity, .version}, verdict: properties(v)} AS found
  ORDER BY found.at DESC, found.verdict.closed_at IS NULL DESC, found.classification.name DESC
} AS periods
