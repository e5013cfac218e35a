// Per lane up to which number the outbox holds messages that are older than a time and that no channel has yet to be told of. Looks at
// some at the beginning of each lane, so there may be more; what comes behind a younger message stays.
// mode:    read
// params:  before: str, first: int
// returns: lane: int, seq: int
// budget:  100 ms
MATCH (h:AuditHead)
WHERE h.lane >= 0
CALL (h) {
  MATCH (o:OutboxEvent)
  WHERE o.lane = h.lane AND o.seq > 0
  WITH o ORDER BY o.lane, o.seq LIMIT $first
  RETURN max(CASE WHEN o.at < $before THEN o.seq END) AS old, min(CASE WHEN o.at >= $before THEN o.seq END) AS young
}
CALL (h) {
  MATCH (c:AlertChannel)
  WHERE NOT c.paused
  RETURN min(c.cursor[h.lane]) AS told
}
WITH h.lane AS lane, old, coalesce(young - 1, old) AS last, coalesce(told, old) AS told
WITH lane, old, CASE WHEN told < last THEN told ELSE last END AS last
WITH lane, CASE WHEN old < last THEN old ELSE last END AS seq
WHERE seq IS NOT NULL AND EXISTS { MATCH (o:OutboxEvent) WHERE o.lane = lane AND o.seq <= seq }
RETURN lane, seq
ORDER BY lane
