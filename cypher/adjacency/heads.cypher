// How far each lane of the audit trail is: the version of the graph.
// mode:    read
// params:
// returns: heads: list[int]
// budget:  20 ms
MATCH (h:AuditHead)
WHERE h.lane >= 0
WITH h ORDER BY h.lane
RETURN collect(h.seq) AS heads
