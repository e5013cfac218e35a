// Tasks that were put aside since their source failed come back now.
// mode:    write
// params:  urn: str
// returns: tasks: int
// budget:  20 ms
MATCH (t:RunTask {source: $urn, held: 'CIRCUIT'})
WHERE t.state = 'PARKED'
SET t.retry_at = datetime.realtime().epochMillis
RETURN count(*) AS tasks
