// From when on verdicts of a classification are accepted, and below what they are not given; above what its text says.
// mode:    write
// params:  name: str, accept_at: float, reject_at: float, at: str, by: str
// returns: before: map
// budget:  50 ms
MATCH (c:Classification {name: $name})
WHERE NOT coalesce(c.deleted, false)
WITH c, c {.accept_at, .reject_at} AS before
SET c.accept_at = $accept_at, c.reject_at = $reject_at, c.thresholds_at = $at, c.thresholds_by = $by
RETURN before
