// Remove the messages of the outbox up to a number in each lane: all of one event at once, so that a reader that was away sees that they are gone.
// mode:    write
// params:  stretches: list[list]
// returns: removed: int
// budget:  1000 ms
UNWIND $stretches AS stretch
MATCH (o:OutboxEvent)
WHERE o.lane = stretch[0] AND o.seq <= stretch[1]
DETACH DELETE o
RETURN count(*) AS removed
