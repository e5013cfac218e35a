// Register a source, or change what is registered under its name.
// mode:    write
// params:  urn: str, key: int, props: map, at: str, by: str, run: str, replace: bool
// returns: urn: str, applied: bool
// budget:  50 ms
MERGE (a:Asset {urn: $urn})
  ON CREATE SET a.key = $key, a.kind = 'SOURCE', a.first_seen = $at, a.version = 0, a.sensitivity = 0,
                a.own_sensitivity = 0, a.registered = false, a.recorded_by = $by
SET a:Source
WITH NOT coalesce(a.registered, false) OR $replace AS applied, $at AS valid, a,
// include: cypher.catalog/_was_known
FOREACH (_ IN CASE WHEN applied THEN [1] ELSE [] END |
  SET a += $props, a.registered = true, a.stub = false, a.status = 'ACTIVE', a.last_seen = $at, a.version = a.version + 1)
// include: cypher.catalog/_remember_known
RETURN a.urn AS urn, applied
