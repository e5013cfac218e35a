// Names of the accounts whose queries read assets; for administrators alone.
// mode:    read
// params:  urns: list[str], since: str, clearance: int, domains: list[str]
// returns: urn: str, names: list[str]
// budget:  60 ms
UNWIND $urns AS urn
MATCH (a:Asset {urn: urn})
WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
RETURN urn, COLLECT {
  MATCH (a)-[:USED]->(u:UsageDay)
  WHERE u.day > $since
  UNWIND u.accounts AS id
  WITH DISTINCT id
  MATCH (p:Account {id: id})
  RETURN DISTINCT p.name AS name ORDER BY name
} AS names
