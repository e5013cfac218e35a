// What the stages of a run, and of the runs of its source that ended before, handed to each other is not needed any more.
// mode:    write
// params:  run: str
// returns: dropped: int
// budget:  200 ms
MATCH (:Run {id: $run})-[:SCANS]->(:Asset)<-[:SCANS]-(r:Run)-[:KEEPS]->(c:RunChunk)
WHERE r.id = $run OR r.state IN ['SUCCEEDED', 'FAILED', 'CANCELLED']
SET r.kept = false
DETACH DELETE c
RETURN count(*) AS dropped
