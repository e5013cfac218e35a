// SQL that waits to be read, oldest first.
// mode:    read
// params:  first: int
// returns: task: map
// budget:  50 ms
MATCH (t:SqlTask)
WHERE t.id >= ''
RETURN properties(t) AS task
ORDER BY t.at, t.id
LIMIT $first
