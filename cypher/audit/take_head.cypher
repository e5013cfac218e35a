// Take the end of one lane for this transaction: the write lock on it makes the chain a chain.
// mode:    write
// params:  lane: int
// returns: seq: int, hash: str
// budget:  20 ms
MATCH (h:AuditHead {lane: $lane})
SET h.seq = h.seq + 1
RETURN h.seq AS seq, h.hash AS hash
