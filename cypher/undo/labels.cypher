// Tags and owners that a run's source declared in it and that are still there.
// mode:    read
// ways:    ASC, DESC
// params:  run: str, after: str, before: str, first: int, all: bool, clearance: int, domains: list[str]
// returns: key: str, label: str, urn: str, name: str, seen: bool
// budget:  200 ms
CALL () {
  MATCH (a:Asset)-[r:TAGGED]->(t:Tag) USING INDEX r:TAGGED(recorded_run) WHERE r.recorded_run = $run
  RETURN a, t.name AS name, 'TAG' AS label
  UNION ALL
  MATCH (p:Person)-[r:OWNS]->(a:Asset) USING INDEX r:OWNS(recorded_run) WHERE r.recorded_run = $run
  RETURN a, p.name AS name, 'OWNER' AS label
}
WITH a, name, label, label + ' ' + a.urn + ' ' + name AS key,
     a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains) AS seen
WHERE key > $after AND key < $before AND ($all OR seen)
RETURN key, label, a.urn AS urn, name, seen
ORDER BY key <way> LIMIT $first
