// What all workers together may do in a day and at once, as it was written down, and what they did of it on a day.
// mode:    read
// params:  day: str
// returns: limits: str, used_ms: int, used_rows: int
// budget:  50 ms
CALL () {
  MATCH (s:Source)
  WHERE s.used_day = $day
  RETURN coalesce(sum(s.used_ms), 0) AS used_ms, coalesce(sum(s.used_rows), 0) AS used_rows
}
RETURN head(COLLECT { MATCH (d:Dispatcher {id: 'dispatch'}) RETURN d.limits }) AS limits, used_ms, used_rows
