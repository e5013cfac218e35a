// Tokens, the audit trail with its sixteen lane heads, and the outbox.
CREATE CONSTRAINT token_id IF NOT EXISTS FOR (t:Token) REQUIRE t.id IS UNIQUE;
CREATE CONSTRAINT token_key IF NOT EXISTS FOR (t:Token) REQUIRE t.key IS UNIQUE;
CREATE CONSTRAINT token_hash IF NOT EXISTS FOR (t:Token) REQUIRE t.hash IS UNIQUE;
CREATE CONSTRAINT audit_event_id IF NOT EXISTS FOR (e:AuditEvent) REQUIRE e.id IS UNIQUE;
CREATE RANGE INDEX audit_event_at IF NOT EXISTS FOR (e:AuditEvent) ON (e.at);
CREATE RANGE INDEX audit_event_lane_seq IF NOT EXISTS FOR (e:AuditEvent) ON (e.lane, e.seq);
CREATE CONSTRAINT audit_head_lane IF NOT EXISTS FOR (h:AuditHead) REQUIRE h.lane IS UNIQUE;
CREATE CONSTRAINT outbox_event_id IF NOT EXISTS FOR (o:OutboxEvent) REQUIRE o.id IS UNIQUE;
CREATE RANGE INDEX outbox_event_at IF NOT EXISTS FOR (o:OutboxEvent) ON (o.at);
UNWIND range(0, 15) AS lane
MERGE (h:AuditHead {lane: lane})
  ON CREATE SET h.seq = 0, h.hash = '0000000000000000000000000000000000000000000000000000000000000000';
