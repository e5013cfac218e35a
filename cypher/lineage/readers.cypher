// What reads these datasets, the datasets of these columns, or these reports, and is a test or a report: with the asset that it reads.
// mode:    read
// params:  urns: list[str], clearance: int, domains: list[str]
// returns: urn: str, reader: str, is_report: bool
// budget:  100 ms
UNWIND $urns AS urn
MATCH (a:Asset {urn: urn})
CALL (a) {
  WITH a WHERE a.kind IN ['DATASET', 'DASHBOARD']
  RETURN a AS d
  UNION ALL
  WITH a WHERE a.kind = 'COLUMN'
  MATCH (d:Dataset)-[:CONTAINS]->(a)
  RETURN d
}
CALL (d) {
  MATCH (d)<-[:READS]-(j:Asset)
  WHERE j.kind = 'DASHBOARD' OR j.subtype IN ['DBT_TEST', 'DATA_TEST']
  RETURN j
  UNION
  MATCH (d)-[:FEEDS|INFLUENCES]->(j:Dashboard)
  RETURN j
}
WITH urn, a, j
WHERE j.sensitivity <= $clearance AND ($domains IS NULL OR j.domain IN $domains)
  AND a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
RETURN DISTINCT urn, j.urn AS reader, j.kind = 'DASHBOARD' AS is_report
ORDER BY reader, urn
