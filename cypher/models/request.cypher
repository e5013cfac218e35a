// A model that a worker is to train, as the next number; null where another one waits or is trained.
// mode:    write
// params:  props: map
// returns: number: int, busy: int
// budget:  50 ms
OPTIONAL MATCH (m:ClassificationModel)
WITH coalesce(max(m.number), 0) + 1 AS number,
     max(CASE WHEN m.status IN ['QUEUED', 'TRAINING'] THEN m.number END) AS busy
FOREACH (_ IN CASE WHEN busy IS NULL THEN [1] ELSE [] END |
  CREATE (n:ClassificationModel {number: number, status: 'QUEUED', tries: 0})
  SET n += $props)
RETURN CASE WHEN busy IS NULL THEN number END AS number, busy
