// Which registered source holds which namespace, and there everything below which root.
// mode:    read
// params:
// returns: namespace: str, root: str, urn: str, name: str, domain: str
// budget:  50 ms
MATCH (s:Asset {kind: 'SOURCE'})
WHERE s.urn >= '' AND s.registered
RETURN s.namespace AS namespace, coalesce(s.root, '') AS root, s.urn AS urn, s.name AS name, coalesce(s.domain, '') AS domain
ORDER BY s.urn
