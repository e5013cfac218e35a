// Forget hours before one of them, some at a time.
// mode:    write
// params:  before: str, first: int
// returns: removed: int
// budget:  500 ms
MATCH (h:HealthHour)
WHERE h.hour < $before
WITH h ORDER BY h.hour LIMIT $first
DELETE h
RETURN count(*) AS removed
