// That what an exception concerned waits to be judged anew since it ended; one that was removed goes.
// mode:    write
// params:  id: str
// returns: id: str
// budget:  20 ms
MATCH (e:ClassificationException {id: $id})
SET e.settled = true
WITH e, e.id AS id, coalesce(e.removed, false) AS removed
FOREACH (gone IN CASE WHEN removed THEN [e] ELSE [] END | DELETE gone)
RETURN id
