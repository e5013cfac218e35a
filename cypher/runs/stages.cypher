// The stages of these runs in order, of those whose source the reader may see.
// mode:    read
// params:  ids: list[str], clearance: int, domains: list[str]
// returns: id: str, stages: list[map]
// budget:  50 ms
UNWIND $ids AS id
MATCH (r:Run {id: id})-[:SCANS]->(s:Asset)
WHERE s.sensitivity <= $clearance AND ($domains IS NULL OR s.domain IN $domains)
CALL (r) {
  MATCH (r)-[:HAS_STAGE]->(stage:RunStage)
  WITH stage ORDER BY stage.ordinal
  RETURN collect(properties(stage)) AS stages
}
RETURN id, stages
