// The finished scans of a source, the newest first: when each was asked for, and how many datasets changed. Runs that did not read its
// structure tell nothing of that.
// mode:    read
// params:  source: str, first: int
// returns: created_ms: int, changes: int
// budget:  50 ms
MATCH (:Asset {urn: $source})<-[:SCANS]-(r:Run {state: 'SUCCEEDED'})
WHERE r.created_ms IS NOT NULL AND r.count_changed IS NOT NULL
RETURN r.created_ms AS created_ms, coalesce(r.count_changed, 0) + coalesce(r.count_retired, 0) AS changes
ORDER BY r.created_at DESC
LIMIT $first
