// Incidents that nobody saw to yet, resolved.
// mode:    write
// params:  ids: list[str], props: map
// returns: resolved: int
// budget:  100 ms
UNWIND $ids AS id
MATCH (i:Incident {id: id})
WHERE i.state = 'OPEN'
SET i += $props, i.state = 'RESOLVED'
RETURN count(i) AS resolved
