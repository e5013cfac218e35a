// What people made of verdicts, counted by what is asked for: confirmed and rejected of machines', and those that people added.
// mode:    read
// params:  by: list[str], source: str, classification: str, clearance: int, domains: list[str]
// returns: classification: str, source: str, tier: int, origin: str, confirmed: int, rejected: int, added: int
// budget:  100 ms
MATCH (a:Asset)-[v:CLASSIFIED_AS]->(c:Classification) USING INDEX v:CLASSIFIED_AS(decided_at)
WHERE v.decided_at > '' AND ($source IS NULL OR a.source = $source) AND ($classification IS NULL OR c.name = $classification)
  AND a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
WITH CASE WHEN 'CLASSIFICATION' IN $by THEN c.name END AS classification,
  CASE WHEN 'SOURCE' IN $by THEN coalesce(a.source, '') END AS source,
  CASE WHEN 'TIER' IN $by AND v.origin <> 'MANUAL' THEN v.tier END AS tier,
  CASE WHEN 'ORIGIN' IN $by THEN v.origin END AS origin, v
RETURN classification, source, tier, origin,
  sum(CASE WHEN v.origin <> 'MANUAL' AND v.status = 'CONFIRMED' THEN 1 ELSE 0 END) AS confirmed,
  sum(CASE WHEN v.origin <> 'MANUAL' AND v.status = 'REJECTED' THEN 1 ELSE 0 END) AS rejected,
  sum(CASE WHEN v.origin = 'MANUAL' AND v.status = 'CONFIRMED' THEN 1 ELSE 0 END) AS added
