// The ends of all lanes.
// mode:    read
// params:
// returns: lane: int, seq: int, hash: str
// budget:  20 ms
MATCH (h:AuditHead)
WHERE h.lane >= 0
RETURN h.lane AS lane, h.seq AS seq, h.hash AS hash
ORDER BY lane
