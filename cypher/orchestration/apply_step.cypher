// What follows of a change to a run: its state, those of its stages, new tasks; where it is over, what its source remembers of it.
// With `drop`, what the stages of the run, and of the runs of its source that ended before, handed to each other is not needed any more.
// mode:    write
// params:  run: str, props: map, stages: list[map], tasks: list[map], over: bool, drop: bool, at: str
// returns: run: str
// budget:  200 ms
MATCH (r:Run {id: $run})-[:SCANS]->(s:Asset)
SET r += $props
FOREACH (row IN $stages | MERGE (stage:RunStage {id: row.id}) SET stage += row MERGE (r)-[:HAS_STAGE]->(stage))
FOREACH (row IN $tasks |
  CREATE (t:RunTask) SET t = row, t.ready_ms = datetime.realtime().epochMillis CREATE (r)-[:HAS_TASK]->(t))
FOREACH (_ IN CASE WHEN $over THEN [1] ELSE [] END |
  SET r.finished_at = $at, r.finished_ms = datetime.realtime().epochMillis,
      s.last_run = r.id, s.last_run_state = r.state, s.last_run_at = $at)
WITH r, s
CALL (r, s) {
  WITH r, s WHERE $drop
  MATCH (s)<-[:SCANS]-(each:Run)-[:KEEPS]->(c:RunChunk)
  WHERE each = r OR each.state IN ['SUCCEEDED', 'FAILED', 'CANCELLED']
  SET each.kept = false
  DETACH DELETE c
}
RETURN r.id AS run
