// Say what all workers together may do; null takes the limits away. Tasks that a budget holds are looked at again.
// mode:    write
// params:  limits: str
// returns: woken: int
// budget:  200 ms
MERGE (d:Dispatcher {id: 'dispatch'})
SET d.limits = $limits
WITH datetime.realtime().epochMillis AS now
CALL (now) {
  MATCH (t:RunTask)
  WHERE t.retry_at > now AND t.held = 'BUDGET'
  SET t.retry_at = now
  RETURN count(*) AS woken
}
RETURN woken
