// What happened since a version of the graph, for what is kept in memory: outbox rows by their place in the lanes.
CREATE RANGE INDEX outbox_event_lane_seq IF NOT EXISTS FOR (o:OutboxEvent) ON (o.lane, o.seq);
