// Exceptions that ended by $at, of which what they concerned does not yet wait to be judged anew.
// mode:    read
// params:  at: str
// returns: exception: map
// budget:  30 ms
MATCH (e:ClassificationException)
WHERE e.expires_at <= $at AND e.settled IS NULL
RETURN properties(e) AS exception
ORDER BY e.expires_at, e.id
