// Workers that have not been heard of for a day are forgotten.
// mode:    write
// params:
// returns: workers: int
// budget:  50 ms
MATCH (w:Worker)
WHERE w.seen_ms < datetime.realtime().epochMillis - 86400000
DELETE w
RETURN count(*) AS workers
