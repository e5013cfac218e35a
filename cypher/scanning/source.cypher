// One registered source with its sealed configuration; for the worker, never for an answer.
// mode:    read
// params:  urn: str
// returns: source: map
// budget:  20 ms
MATCH (s:Asset {urn: $urn})
WHERE s.registered
RETURN properties(s) AS source
