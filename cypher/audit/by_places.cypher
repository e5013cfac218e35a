// Events by their places: pairs of lane and number within it.
// mode:    read
// params:  places: list[list]
// returns: event: map
// budget:  50 ms
UNWIND $places AS place
MATCH (e:AuditEvent {lane: place[0], seq: place[1]})
RETURN properties(e) AS event
