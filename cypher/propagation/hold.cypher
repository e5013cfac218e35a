// Keep the job for a while longer, and everybody else from it until the transaction ends.
// mode:    write
// params:  holder: str, lease_ms: int
// returns: held: bool
// budget:  30 ms
MATCH (p:Propagation {id: 'columns'})
SET p.lock = $holder
WITH p WHERE p.holder = $holder
SET p.until_ms = timestamp() + $lease_ms
RETURN true AS held
