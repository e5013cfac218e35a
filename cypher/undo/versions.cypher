// Versions of schemas that a run made.
// mode:    read
// ways:    ASC, DESC
// params:  run: str, after: str, before: str, first: int, all: bool, clearance: int, domains: list[str]
// returns: key: str, urn: str, number: int, seen: bool
// budget:  200 ms
MATCH (v:SchemaVersion) WHERE v.run = $run
MATCH (d:Asset)-[:HAS_SCHEMA]->(v)
WITH d, v, d.urn + ' ' + toString(v.number) AS key,
     d.sensitivity <= $clearance AND ($domains IS NULL OR d.domain IN $domains) AS seen
WHERE key > $after AND key < $before AND ($all OR seen)
RETURN key, d.urn AS urn, v.number AS number, seen
ORDER BY key <way> LIMIT $first
