// The worker of an attempt is lost; how many others were lost in the last quarter of an hour that never held the task.
// mode:    write
// params:  id: str, attempt: int
// returns: beside: int
// budget:  20 ms
MATCH (a:RunAttempt {id: $id + '/' + $attempt})<-[:TRIED]-(t:RunTask)
WITH a.worker AS lost, [(t)-[:TRIED]->(each:RunAttempt) | each.worker] AS own, datetime.realtime().epochMillis AS now
CALL (lost, now) {
  MATCH (w:Worker {id: lost})
  SET w.lost_ms = coalesce(w.lost_ms, now)
  RETURN count(*) AS noted
}
CALL (own, now) {
  MATCH (w:Worker)
  WHERE w.lost_ms > now - 900000 AND NOT w.id IN own
  RETURN count(w) AS beside
}
RETURN beside
