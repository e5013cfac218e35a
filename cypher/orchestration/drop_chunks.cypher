// What the stages of a run, and of the runs of its source that ended before, handed to each other is not needed any more.
// mode:    write
// params:  run: str
// returns: dropped: int
// budget:  200 ms
MATCH (:Run {id: $run})-[:SCANS]->(s:Asset)
// A match of its own: within one, no path goes back over the relationship it came by, and the run itself would be left out.
MATCH (s)<-[:SCANS]-(r:Run)-[:KEEPS]->(c:RunChunk)
WHERE r.id = $run OR r.state IN ['SUCCEEDED', 'FAILED', 'CANCELLED']
SET r.kept = false
DETACH DELETE c
RETURN count(*) AS dropped
