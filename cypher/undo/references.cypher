// Foreign keys that a run found first, pair of columns by pair.
// mode:    read
// ways:    ASC, DESC
// params:  run: str, after: str, before: str, first: int, all: bool, clearance: int, domains: list[str]
// returns: key: str, urn: str, other: str, seen: bool
// budget:  200 ms
MATCH (a:Asset)-[r:REFERENCES]->(b:Asset) USING INDEX r:REFERENCES(recorded_run) WHERE r.recorded_run = $run
WITH a, b, a.urn + ' ' + b.urn AS key,
     a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
       AND b.sensitivity <= $clearance AND ($domains IS NULL OR b.domain IN $domains) AS seen
WHERE key > $after AND key < $before AND ($all OR seen)
RETURN key, a.urn AS urn, b.urn AS other, seen
ORDER BY key <way> LIMIT $first
