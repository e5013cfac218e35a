// Forget some of the drafts that are kept no longer.
// mode:    write
// params:  now_ms: int, first: int
// returns: forgotten: int
// budget:  100 ms
MATCH (d:ClassifierDraft)
WHERE d.expires_ms <= $now_ms
WITH d LIMIT $first
DELETE d
RETURN count(*) AS forgotten
