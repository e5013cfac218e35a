// Days that nobody is shown any more, some at a time.
// mode:    write
// params:  source: str, before: str, limit: int
// returns: forgotten: int
// budget:  500 ms
MATCH (u:UsageDay)
WHERE u.source = $source AND u.day < $before
WITH u LIMIT $limit
DETACH DELETE u
RETURN count(*) AS forgotten
