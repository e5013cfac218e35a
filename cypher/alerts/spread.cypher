// Move a channel on, with a delivery for each event on the way; no row where somebody else moved it meanwhile.
// mode:    write
// params:  id: str, before: list[int], after: list[int], deliveries: list[map]
// returns: id: str
// budget:  100 ms
MATCH (c:AlertChannel {id: $id})
SET c.lock = $id
WITH c, datetime.realtime().epochMillis AS now
WHERE c.cursor = $before AND NOT c.paused
SET c.cursor = $after
FOREACH (row IN $deliveries |
  MERGE (d:AlertDelivery {id: row.id})
    ON CREATE SET d += row, d.channel = $id, d.state = 'PENDING', d.tries = 0, d.next_ms = now)
RETURN c.id AS id
