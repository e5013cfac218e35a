// Give a source another configuration; no row where it is not what it was when the new one was tried.
// mode:    write
// params:  urn: str, before: str, config: str
// returns: urn: str
// budget:  20 ms
MATCH (s:Asset {urn: $urn})
SET s.lock = 'credential'
WITH s
WHERE s.registered AND s.config = $before
SET s.config = $config
RETURN s.urn AS urn
