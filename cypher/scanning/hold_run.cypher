// Whether this attempt still holds its run; the lock keeps another worker from taking it until the transaction ends.
// mode:    write
// params:  id: str, attempt: int
// returns: id: str
// budget:  20 ms
MATCH (r:Run {id: $id})
SET r.lock = 'publish'
WITH r
WHERE r.attempt = $attempt AND r.state IN ['RUNNING', 'CANCELLING']
RETURN r.id AS id
