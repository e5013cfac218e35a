// What was told to the outbox of these topics in stretches of lanes: lane, behind which number, up to which.
// mode:    read
// params:  stretches: list[list], topics: list[str]
// returns: id: str, topic: str, at: str, payload: str
// budget:  100 ms
UNWIND $stretches AS stretch
MATCH (o:OutboxEvent)
WHERE o.lane = stretch[0] AND o.seq > stretch[1] AND o.seq <= stretch[2] AND o.topic IN $topics
RETURN o.id AS id, o.topic AS topic, o.at AS at, o.payload AS payload
