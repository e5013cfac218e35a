// How many queries read assets in the days behind three others, by how many accounts, and when last.
// mode:    read
// params:  urns: list[str], week: str, month: str, quarter: str, clearance: int, domains: list[str]
// returns: urn: str, week: int, month: int, quarter: int, last_used: str, accounts: int
// budget:  60 ms
UNWIND $urns AS urn
MATCH (a:Asset {urn: urn})
WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
CALL (a) {
  MATCH (a)-[:USED]->(u:UsageDay)
  WHERE u.day > $quarter
  RETURN sum(CASE WHEN u.day > $week THEN u.queries ELSE 0 END) AS week,
    sum(CASE WHEN u.day > $month THEN u.queries ELSE 0 END) AS month,
    sum(u.queries) AS quarter, max(u.last_used) AS last_used, collect(u.accounts) AS lists
}
RETURN urn, week, month, quarter, last_used,
  COUNT { UNWIND lists AS some UNWIND some AS account RETURN DISTINCT account } AS accounts
