// The edges from one column to another let classifications pass again.
// mode:    write
// params:  up: str, down: str
// returns: key: int, changed: bool
// budget:  50 ms
MATCH (u:Asset {urn: $up})
MATCH (x:Asset {urn: $down})
OPTIONAL MATCH (u)-[o:PROPAGATION_OFF]->(x)
WITH x, o, o IS NOT NULL AS changed
DELETE o
RETURN x.key AS key, changed
