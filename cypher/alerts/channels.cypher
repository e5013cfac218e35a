// All channels, by name; their sealed configuration is for workers and is never part of an answer.
// mode:    read
// params:
// returns: channel: map
// budget:  20 ms
MATCH (c:AlertChannel)
RETURN properties(c) AS channel
ORDER BY c.name
