// The latest preview of a source that is complete and of what this version judges, for the worker.
// mode:    read
// params:  source: str, version: str, now_ms: int
// returns: run: str
// budget:  50 ms
MATCH (p:ReclassificationPreview)
WHERE p.expires_ms > $now_ms AND p.version = $version
MATCH (p)<-[:PREVIEWS]-(r:Run {source: $source})
WHERE r.state = 'SUCCEEDED'
RETURN r.id AS run ORDER BY p.created_at DESC LIMIT 1
