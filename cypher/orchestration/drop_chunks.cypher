// What the stages of a finished run handed to each other is not needed any more.
// mode:    write
// params:  run: str
// returns: dropped: int
// budget:  200 ms
MATCH (:Run {id: $run})-[:KEEPS]->(c:RunChunk)
DETACH DELETE c
RETURN count(*) AS dropped
