// The newest runs that succeeded of these sources, of those the reader may see: when each began, how long it took, how many objects it covered.
// mode:    read
// params:  sources: list[str], first: int, clearance: int, domains: list[str]
// returns: source: str, runs: list[map]
// budget:  100 ms
UNWIND $sources AS source
MATCH (s:Asset {urn: source})
WHERE s.sensitivity <= $clearance AND ($domains IS NULL OR s.domain IN $domains)
CALL (s) {
  MATCH (s)<-[:SCANS]-(r:Run {state: 'SUCCEEDED'})
  WHERE r.started_at IS NOT NULL AND r.finished_ms IS NOT NULL
  WITH r ORDER BY r.created_at DESC LIMIT $first
  RETURN collect({started_at: r.started_at, finished_ms: r.finished_ms,
                  objects: coalesce(r.count_datasets, 0) + coalesce(r.count_columns, 0)}) AS runs
}
RETURN source, runs
