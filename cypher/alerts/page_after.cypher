// Deliveries newest first, after a key.
// mode:    read
// params:  at: str, id: str, channel: str, states: list[str], first: int
// returns: delivery: map
// budget:  50 ms
MATCH (d:AlertDelivery)
WHERE d.at <= $at AND (d.at < $at OR d.id < $id)
  AND ($channel IS NULL OR d.channel = $channel)
  AND ($states IS NULL OR d.state IN $states)
RETURN properties(d) AS delivery
ORDER BY d.at DESC, d.id DESC
LIMIT $first
