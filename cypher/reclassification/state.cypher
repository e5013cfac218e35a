// How many datasets of each registered source were judged by something else than `version`, of those that the reader may see, and since when
// the oldest of them was not judged.
// mode:    read
// params:  version: str, clearance: int, domains: list[str]
// returns: source: str, waiting: int, since: str
// budget:  300 ms
MATCH (d:Dataset)
WHERE d.judged_by < $version OR d.judged_by > $version
WITH d
WHERE d.status = 'ACTIVE' AND d.sensitivity <= $clearance AND ($domains IS NULL OR d.domain IN $domains)
WITH d.source AS source, count(*) AS waiting, min(d.judged_at) AS since
MATCH (s:Asset {urn: 'source:' + source})
WHERE s.registered AND s.sensitivity <= $clearance AND ($domains IS NULL OR s.domain IN $domains)
RETURN source, waiting, since ORDER BY source
