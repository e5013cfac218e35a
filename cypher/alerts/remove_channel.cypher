// Forget a channel and all that was and was to be told to it.
// mode:    write
// params:  name: str
// returns: id: str
// budget:  500 ms
MATCH (c:AlertChannel {name: $name})
WITH c, c.id AS id
CALL (id) {
  MATCH (d:AlertDelivery)
  WHERE d.channel = id AND d.at >= ''
  DETACH DELETE d
}
DETACH DELETE c
RETURN id
