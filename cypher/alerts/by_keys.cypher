// Channels by key.
// mode:    read
// params:  keys: list[int]
// returns: channel: map
// budget:  20 ms
UNWIND $keys AS key
MATCH (c:AlertChannel {key: key})
RETURN properties(c) AS channel
