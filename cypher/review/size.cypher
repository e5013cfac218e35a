// How many assets an asset holds, or a person owns with what they hold, itself included, at most some; it decides from where the queue is read.
// mode:    read
// params:  under: str, owner: str, bound: int
// returns: queue_under: int, queue_of_owner: int
// budget:  60 ms
RETURN COUNT { MATCH (:Asset {urn: $under})-[:CONTAINS*0..5]->(a:Asset) RETURN a LIMIT $bound } AS queue_under,
  COUNT { MATCH (:Person {name: $owner})-[:OWNS]->(:Asset)-[:CONTAINS*0..5]->(a:Asset) RETURN a LIMIT $bound } AS queue_of_owner
