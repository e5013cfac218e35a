// Foreign keys that a run found first or found gone, pair of columns by pair; `open` is which run made the one that is there now.
// mode:    read
// ways:    ASC, DESC
// params:  run: str, after: str, before: str, first: int, all: bool, clearance: int, domains: list[str]
// returns: key: str, action: str, urn: str, other: str, open: str, seen: bool
// budget:  200 ms
CALL () {
  MATCH (a:Asset)-[r:REFERENCES]->(b:Asset) USING INDEX r:REFERENCES(recorded_run) WHERE r.recorded_run = $run
  RETURN a, b, 'MADE' AS action
  UNION
  MATCH (a:Asset)-[r:WAS_REFERENCES]->(b:Asset) USING INDEX r:WAS_REFERENCES(closed_run) WHERE r.closed_run = $run
  RETURN a, b, 'CLOSED' AS action
}
WITH a, b, action, a.urn + ' ' + b.urn + ' ' + action AS key,
     a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
       AND b.sensitivity <= $clearance AND ($domains IS NULL OR b.domain IN $domains) AS seen
WHERE key > $after AND key < $before AND ($all OR seen)
WITH key, action, a, b, seen ORDER BY key <way> LIMIT $first
RETURN key, action, a.urn AS urn, b.urn AS other,
  head(COLLECT { MATCH (a)-[r:REFERENCES]->(b) RETURN coalesce(r.recorded_run, '') }) AS open, seen
ORDER BY key <way>
