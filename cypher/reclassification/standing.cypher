// What is said of these columns now, with what it rests on, and from which confidence on each classification is given; for the command that compares.
// mode:    read
// params:  urns: list[str]
// returns: urn: str, verdicts: list[map]
// budget:  200 ms
UNWIND $urns AS urn
MATCH (a:Asset {urn: urn})
RETURN urn, [(a)-[v:CLASSIFIED_AS]->(c:Classification) |
  {classification: c.name, confidence: v.confidence, reason: v.reason, status: v.status, decided: v.decided_by IS NOT NULL,
   origin: v.origin, tier: coalesce(v.tier, 1), enabled: coalesce(c.enabled, true), unsure: coalesce(v.confidence < c.reject_at, false)}] AS verdicts
