// Register a source, or change what is registered under its name.
// mode:    write
// params:  urn: str, key: int, props: map, at: str, replace: bool
// returns: urn: str, applied: bool
// budget:  50 ms
MERGE (s:Asset {urn: $urn})
  ON CREATE SET s.key = $key, s.kind = 'SOURCE', s.first_seen = $at, s.version = 0, s.sensitivity = 0,
                s.own_sensitivity = 0, s.registered = false
SET s:Source
WITH s, NOT coalesce(s.registered, false) OR $replace AS applied
FOREACH (_ IN CASE WHEN applied THEN [1] ELSE [] END |
  SET s += $props, s.registered = true, s.stub = false, s.status = 'ACTIVE', s.last_seen = $at, s.version = s.version + 1)
RETURN s.urn AS urn, applied
