// How often a task failed, and whether it is given up for good.
// mode:    write
// params:  id: str, tries: int, given_up: bool
// returns: id: str
// budget:  20 ms
MATCH (t:RunTask {id: $id})
SET t.tries = $tries
FOREACH (_ IN CASE WHEN $given_up THEN [1] ELSE [] END |
  SET t.state = 'FAILED', t.held = null, t.retry_at = null)
RETURN t.id AS id
