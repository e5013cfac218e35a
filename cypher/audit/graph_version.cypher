// A number that grows with every command: the sum of the lanes.
// mode:    read
// params:
// returns: version: int
// budget:  20 ms
MATCH (h:AuditHead)
WHERE h.lane >= 0
RETURN sum(h.seq) AS version
