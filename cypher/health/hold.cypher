// A registered source as it is, locked until the transaction ends, and how many tasks of its last scan were given up.
// mode:    write
// params:  urn: str
// returns: source: map, dead_letters: int
// budget:  50 ms
MATCH (s:Asset {urn: $urn})
WHERE s.registered
SET s.lock = 'health'
RETURN properties(s) AS source,
       COUNT { MATCH (:Run {id: s.last_run})-[:HAS_TASK]->(:RunTask {state: 'FAILED'}) } AS dead_letters
