// Registered sources with datasets that were judged by something else than `version` and that no run is at: for the worker, which sees all.
// mode:    read
// params:  version: str
// returns: source: str, options: str, asked: str
// budget:  300 ms
MATCH (d:Dataset)
WHERE d.judged_by < $version OR d.judged_by > $version
WITH d
WHERE d.status = 'ACTIVE'
WITH DISTINCT d.source AS source
MATCH (s:Asset {urn: 'source:' + source})
WHERE s.registered AND NOT EXISTS {
  MATCH (r:Run)-[:SCANS]->(s) WHERE r.state IN ['AWAITING_APPROVAL', 'QUEUED', 'RUNNING', 'PAUSED', 'CANCELLING']
}
RETURN source, s.options AS options, s.reclassify_asked AS asked ORDER BY source
