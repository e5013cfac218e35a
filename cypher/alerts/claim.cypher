// Take deliveries of a channel that are due, each under a lease by the server's clock; a try is counted when it begins.
// mode:    write
// params:  id: str, lease_ms: int, first: int
// returns: channel: map, deliveries: list[map]
// budget:  50 ms
MATCH (c:AlertChannel {id: $id})
WHERE NOT c.paused
SET c.lock = $id
WITH c, datetime.realtime().epochMillis AS now
CALL (c, now) {
  MATCH (d:AlertDelivery)
  WHERE d.channel = c.id AND d.next_ms <= now
  WITH d ORDER BY d.next_ms LIMIT $first
  SET d.next_ms = now + $lease_ms, d.tries = d.tries + 1
  RETURN collect(properties(d)) AS deliveries
}
RETURN properties(c) AS channel, deliveries
