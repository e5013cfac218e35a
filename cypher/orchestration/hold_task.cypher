// Whether this attempt still holds its task; the lock keeps another worker from taking it until the transaction ends.
// mode:    write
// params:  id: str, attempt: int
// returns: id: str
// budget:  20 ms
MATCH (t:RunTask {id: $id})
SET t.lock = 'publish'
WITH t
WHERE t.attempt = $attempt AND t.state = 'RUNNING'
RETURN t.id AS id
