// Whether a classification is given from now on.
// mode:    write
// params:  name: str, enabled: bool
// returns: before: bool
// budget:  50 ms
MATCH (c:Classification {name: $name})
WHERE NOT coalesce(c.deleted, false)
WITH c, coalesce(c.enabled, true) AS before
SET c.enabled = $enabled
RETURN before
