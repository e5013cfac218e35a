// Make a channel or set it anew. A new one, and one that is or was paused, begins with what happens from now on.
// mode:    write
// params:  name: str, id: str, key: int, props: map, at: str, by: str
// returns: channel: map
// budget:  50 ms
MERGE (c:AlertChannel {name: $name})
  ON CREATE SET c.id = $id, c.key = $key, c.created_at = $at, c.created_by = $by
SET c.lock = $id
WITH c, coalesce(c.paused, true) OR $props.paused AS anew,
     COLLECT { MATCH (h:AuditHead) WHERE h.lane >= 0 RETURN h.seq ORDER BY h.lane } AS heads
SET c += $props, c.set_at = $at, c.set_by = $by, c.cursor = CASE WHEN anew THEN heads ELSE c.cursor END
RETURN properties(c) AS channel
