// Which registered source holds which namespace.
// mode:    read
// params:
// returns: namespace: str, urn: str, name: str, domain: str
// budget:  50 ms
MATCH (s:Asset {kind: 'SOURCE'})
WHERE s.urn >= '' AND s.registered
RETURN s.namespace AS namespace, s.urn AS urn, s.name AS name, coalesce(s.domain, '') AS domain
ORDER BY s.urn
