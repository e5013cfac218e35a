// How long rules took that classify, in tries at tasks since a time, of sources the reader may see, the longest first. They wait for nothing, and
// a try that failed does not tell of them.
// mode:    read
// params:  since: str, first: int, clearance: int, domains: list[str]
// returns: name: str, tries: int, failed: int, took_ms: float, middle_ms: float, long_ms: float, queued_ms: int, slot_ms: int, limited_ms: int
// budget:  300 ms
MATCH (r:Run)
WHERE r.created_at >= $since
MATCH (r)-[:SCANS]->(s:Asset)
WHERE s.sensitivity <= $clearance AND ($domains IS NULL OR s.domain IN $domains)
MATCH (r)-[:HAS_TASK]->(t:RunTask)-[:TRIED]->(a:RunAttempt)
WHERE a.rule_names IS NOT NULL
UNWIND range(0, size(a.rule_names) - 1) AS n
WITH a.rule_names[n] AS name, a.rule_ms[n] AS ms
WITH name, count(*) AS tries, sum(ms) AS took_ms, percentileCont(ms, 0.5) AS middle_ms, percentileCont(ms, 0.95) AS long_ms
RETURN name, tries, 0 AS failed, took_ms, middle_ms, long_ms, 0 AS queued_ms, 0 AS slot_ms, 0 AS limited_ms
ORDER BY took_ms DESC, name
LIMIT $first
