// How often a task failed, whether it is given up for good, and whether it may be what its workers die of.
// mode:    write
// params:  id: str, tries: int, given_up: bool, suspect: bool
// returns: id: str
// budget:  20 ms
MATCH (t:RunTask {id: $id})
SET t.tries = $tries, t.suspect = CASE WHEN $suspect THEN true END
FOREACH (_ IN CASE WHEN $given_up THEN [1] ELSE [] END |
  SET t.state = 'FAILED', t.held = null, t.retry_at = null)
RETURN t.id AS id
