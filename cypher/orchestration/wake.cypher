// Tasks that were put aside for one of these reasons come back now, since what held them may do so no more: those of a source, or with null of all.
// mode:    write
// params:  source: str, held: list[str]
// returns: tasks: int
// budget:  200 ms
WITH datetime.realtime().epochMillis AS now
MATCH (t:RunTask)
WHERE t.retry_at > now AND t.held IN $held AND ($source IS NULL OR t.source = $source)
SET t.retry_at = now
RETURN count(*) AS tasks
