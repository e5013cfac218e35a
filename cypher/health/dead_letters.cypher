// How many tasks of the last scan of these sources were given up, of those the reader may see.
// mode:    read
// params:  urns: list[str], clearance: int, domains: list[str]
// returns: urn: str, tasks: int
// budget:  50 ms
UNWIND $urns AS urn
MATCH (s:Asset {urn: urn})
WHERE s.sensitivity <= $clearance AND ($domains IS NULL OR s.domain IN $domains)
RETURN urn, COUNT { MATCH (:Run {id: s.last_run})-[:HAS_TASK]->(:RunTask {state: 'FAILED'}) } AS tasks
