// How far the lanes of the outbox are, and each channel that is not paused: how far it is, and whether something is to be sent.
// mode:    read
// params:
// returns: heads: list[int], channels: list[map]
// budget:  20 ms
RETURN COLLECT { MATCH (h:AuditHead) WHERE h.lane >= 0 RETURN h.seq ORDER BY h.lane } AS heads,
       COLLECT {
         MATCH (c:AlertChannel)
         WHERE NOT c.paused
         RETURN c {.id, .cursor, .topics, .at_least, .clearance, .domains, due: EXISTS {
           MATCH (d:AlertDelivery)
           WHERE d.channel = c.id AND d.next_ms <= datetime.realtime().epochMillis
         }}
       } AS channels
