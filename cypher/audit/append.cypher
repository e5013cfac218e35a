// Append one event to its lane, and the outbox rows that go with it.
// mode:    write
// params:  lane: int, seq: int, event: map, outbox: list[map]
// returns: id: str
// budget:  50 ms
MATCH (h:AuditHead {lane: $lane})
CREATE (e:AuditEvent)
SET e = $event, h.hash = $event.hash
WITH h, e
OPTIONAL MATCH (p:AuditEvent {lane: $lane, seq: $seq - 1})
FOREACH (_ IN CASE WHEN p IS NULL THEN [] ELSE [1] END | CREATE (e)-[:PREVIOUS]->(p))
FOREACH (row IN $outbox | CREATE (o:OutboxEvent) SET o = row)
RETURN e.id AS id
