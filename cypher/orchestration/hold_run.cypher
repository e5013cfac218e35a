// A run with all that is needed to decide what follows, locked until the transaction ends.
// mode:    write
// params:  id: str
// returns: run: map, source: map, workflow: str, stages: list[map], busy: list[str]
// budget:  50 ms
MATCH (r:Run {id: $id})-[:SCANS]->(s:Asset), (r)-[:FOLLOWS]->(w:Workflow)
SET r.lock = 'hold'
RETURN properties(r) AS run, properties(s) AS source, w.spec AS workflow,
       [(r)-[:HAS_STAGE]->(stage) | properties(stage)] AS stages,
       [(s)<-[:SCANS]-(other:Run) WHERE other.id <> $id
          AND other.state IN ['AWAITING_APPROVAL', 'QUEUED', 'RUNNING', 'PAUSED', 'CANCELLING'] | other.id] AS busy
