// Forget deliveries of events that are older than a time, some at a time.
// mode:    write
// params:  before: str, first: int
// returns: removed: int
// budget:  500 ms
MATCH (d:AlertDelivery)
WHERE d.at < $before
WITH d ORDER BY d.at LIMIT $first
DETACH DELETE d
RETURN count(*) AS removed
