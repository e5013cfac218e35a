// Classifications that are given again, should they have been deleted.
// mode:    write
// params:  names: list[str]
// returns: revived: int
// budget:  50 ms
UNWIND $names AS name
MATCH (c:Classification {name: name})
WHERE coalesce(c.deleted, false)
SET c.deleted = false, c.enabled = true, c.accept_at = null, c.reject_at = null, c.thresholds_by = null, c.thresholds_at = null
RETURN count(c) AS revived
