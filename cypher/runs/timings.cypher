// How long tries at tasks waited and took since a time, of sources the reader may see, the newest first.
// mode:    read
// params:  since: str, first: int, clearance: int, domains: list[str]
// returns: source: str, stage: str, worker: str, waited_ms: int, slot_ms: int, took_ms: int, slots: int, limited_ms: int, per_minute: int
// budget:  200 ms
MATCH (r:Run)
WHERE r.created_at >= $since
MATCH (r)-[:SCANS]->(s:Asset)
WHERE s.sensitivity <= $clearance AND ($domains IS NULL OR s.domain IN $domains)
MATCH (r)-[:HAS_TASK]->(t:RunTask)-[:TRIED]->(a:RunAttempt)
WHERE a.took_ms IS NOT NULL
RETURN s.name AS source, t.stage AS stage, a.worker AS worker, a.waited_ms AS waited_ms, coalesce(a.slot_ms, 0) AS slot_ms,
       a.took_ms AS took_ms, coalesce(s.most_tasks, 2) AS slots,
       coalesce(a.limited_ms, 0) AS limited_ms, s.requests_per_minute AS per_minute
ORDER BY a.started_ms DESC
LIMIT $first
