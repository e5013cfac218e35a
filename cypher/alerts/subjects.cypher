// What events are about, by id of a run or incident or by urn of a source, where a reader may know of it. An incident names its source
// only where the reader may see that as well.
// mode:    read
// params:  runs: list[str], sources: list[str], incidents: list[str], clearance: int, domains: list[str]
// returns: id: str, key: int, source: str, dataset: str
// budget:  50 ms
CALL () {
  UNWIND $runs AS id
  MATCH (r:Run {id: id})-[:SCANS]->(s:Asset)
  WHERE s.sensitivity <= $clearance AND ($domains IS NULL OR s.domain IN $domains)
  RETURN id, r.key AS key, s.name AS source, '' AS dataset
  UNION ALL
  UNWIND $sources AS id
  MATCH (s:Asset {urn: id})
  WHERE s.sensitivity <= $clearance AND ($domains IS NULL OR s.domain IN $domains)
  RETURN id, s.key AS key, s.name AS source, '' AS dataset
  UNION ALL
  UNWIND $incidents AS id
  MATCH (i:Incident {id: id})-[:ABOUT]->(d:Asset)
  WHERE
// include: cypher.incidents/_shown
  RETURN id, i.key AS key, coalesce(head(COLLECT {
    MATCH (s:Source)-[:CONTAINS*1..5]->(d)
    WHERE s.sensitivity <= $clearance AND ($domains IS NULL OR s.domain IN $domains)
    RETURN s.name
    LIMIT 1
  }), '') AS source, d.path AS dataset
}
RETURN id, key, source, dataset
