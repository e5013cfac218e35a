// Nothing is inherited over the edges from one column to another any more, whoever asserts them, and when they are read again.
// mode:    write
// params:  up: str, down: str, at: str, by: str, reason: str
// returns: key: int, changed: bool
// budget:  50 ms
MATCH (u:Asset {urn: $up})
MATCH (x:Asset {urn: $down})
OPTIONAL MATCH (u)-[was:PROPAGATION_OFF]->(x)
WITH u, x, was IS NULL AS changed
MERGE (u)-[o:PROPAGATION_OFF]->(x)
  ON CREATE SET o.at = $at, o.by = $by, o.reason = $reason
RETURN x.key AS key, changed
