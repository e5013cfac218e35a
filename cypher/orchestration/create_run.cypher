// Queue a run of a workflow over a source with its stages and the tasks that wait for nothing; refused where as many runs of the source
// as may are not finished, or where the queue is full.
// mode:    write
// params:  id: str, key: int, source: str, props: map, workflow: map, stages: list[map], tasks: list[map], at: str, most_queued: int
// returns: id: str, busy: list[str], full: bool
// budget:  50 ms
MATCH (s:Asset {urn: $source})
WHERE s.registered
SET s.last_run_requested = $at
WITH s, datetime.realtime().epochMillis AS now, COUNT { MATCH (:Run {state: 'QUEUED'}) } >= $most_queued AS full
CALL (s) {
  OPTIONAL MATCH (other:Run)-[:SCANS]->(s)
  WHERE other.state IN ['AWAITING_APPROVAL', 'QUEUED', 'RUNNING', 'PAUSED', 'CANCELLING'] OR other.undo_state = 'UNDOING'
  WITH other ORDER BY other.created_at
  RETURN collect(other.id) AS busy
}
FOREACH (_ IN CASE WHEN full OR size(busy) >= coalesce(s.most_runs, 1) THEN [] ELSE [1] END |
  MERGE (w:Workflow {digest: $workflow.digest}) ON CREATE SET w = $workflow
  CREATE (r:Run {id: $id, key: $key, created_at: $at, created_ms: now, attempt: 0})
  SET r += $props
  CREATE (r)-[:SCANS]->(s)
  CREATE (r)-[:FOLLOWS]->(w)
  FOREACH (row IN $stages | CREATE (stage:RunStage) SET stage = row CREATE (r)-[:HAS_STAGE]->(stage))
  FOREACH (row IN $tasks | CREATE (t:RunTask) SET t = row, t.ready_ms = now CREATE (r)-[:HAS_TASK]->(t)))
RETURN CASE WHEN full OR size(busy) >= coalesce(s.most_runs, 1) THEN null ELSE $id END AS id, busy, full
