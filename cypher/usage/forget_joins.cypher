// The same of joins.
// mode:    write
// params:  source: str, before: str, limit: int
// returns: forgotten: int
// budget:  500 ms
MATCH ()-[j:JOINED_WITH]->()
WHERE j.source = $source AND j.day < $before
WITH j LIMIT $limit
DELETE j
RETURN count(*) AS forgotten
