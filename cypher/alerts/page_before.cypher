// Deliveries before a key, oldest of them first.
// mode:    read
// params:  at: str, id: str, channel: str, states: list[str], first: int
// returns: delivery: map
// budget:  50 ms
CALL () {
  MATCH (d:AlertDelivery)
  WHERE $channel IS NULL AND d.at >= $at
  RETURN d
  ORDER BY d.at
  UNION ALL
  MATCH (d:AlertDelivery)
  WHERE d.channel = $channel AND d.at >= $at
  RETURN d
  ORDER BY d.at
}
WITH d
WHERE (d.at > $at OR d.id > $id) AND ($states IS NULL OR d.state IN $states)
RETURN properties(d) AS delivery
ORDER BY d.at, d.id
LIMIT $first
