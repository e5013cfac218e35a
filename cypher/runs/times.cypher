// How long tries at tasks waited and took since a time, by stage, source or worker, of sources the reader may see, the longest first.
// mode:    read
// params:  since: str, by: str, first: int, clearance: int, domains: list[str]
// returns: name: str, tries: int, failed: int, took_ms: int, middle_ms: float, long_ms: float, queued_ms: int, slot_ms: int, limited_ms: int
// budget:  300 ms
MATCH (r:Run)
WHERE r.created_at >= $since
MATCH (r)-[:SCANS]->(s:Asset)
WHERE s.sensitivity <= $clearance AND ($domains IS NULL OR s.domain IN $domains)
MATCH (r)-[:HAS_TASK]->(t:RunTask)-[:TRIED]->(a:RunAttempt)
WHERE a.took_ms IS NOT NULL
WITH CASE $by WHEN 'STAGE' THEN t.stage WHEN 'SOURCE' THEN s.name ELSE a.worker END AS name, a, coalesce(a.slot_ms, 0) AS slot
WITH name, count(*) AS tries, count(CASE a.state WHEN 'FAILED' THEN 1 END) AS failed, sum(a.took_ms) AS took_ms,
     percentileCont(a.took_ms, 0.5) AS middle_ms, percentileCont(a.took_ms, 0.95) AS long_ms,
     sum(CASE WHEN a.waited_ms > slot THEN a.waited_ms - slot ELSE 0 END) AS queued_ms, sum(slot) AS slot_ms, sum(coalesce(a.limited_ms, 0)) AS limited_ms
RETURN name, tries, failed, took_ms, middle_ms, long_ms, queued_ms, slot_ms, limited_ms
ORDER BY took_ms DESC, name
LIMIT $first
