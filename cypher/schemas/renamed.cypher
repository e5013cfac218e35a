// What columns were called before, and are called now, where a person said so.
// mode:    read
// params:  urns: list[str], clearance: int, domains: list[str]
// returns: urn: str, before: str, after: str
// budget:  20 ms
UNWIND $urns AS urn
MATCH (a:Asset {urn: urn})
WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
RETURN urn,
  head(COLLECT {
    MATCH (o:Asset)-[:RENAMED_TO]->(a) WHERE o.sensitivity <= $clearance AND ($domains IS NULL OR o.domain IN $domains)
    RETURN o.urn ORDER BY o.urn }) AS before,
  head(COLLECT {
    MATCH (a)-[:RENAMED_TO]->(n:Asset) WHERE n.sensitivity <= $clearance AND ($domains IS NULL OR n.domain IN $domains)
    RETURN n.urn ORDER BY n.urn }) AS after
