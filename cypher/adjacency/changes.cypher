// What happened in stretches of lanes: lane, behind which number, up to which.
// mode:    read
// params:  stretches: list[list]
// returns: lane: int, seq: int, topic: str, payload: str
// budget:  100 ms
UNWIND $stretches AS stretch
MATCH (o:OutboxEvent)
WHERE o.lane = stretch[0] AND o.seq > stretch[1] AND o.seq <= stretch[2]
RETURN o.lane AS lane, o.seq AS seq, o.topic AS topic, CASE o.topic WHEN 'lineage.changed' THEN o.payload END AS payload
