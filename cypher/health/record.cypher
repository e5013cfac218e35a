// What a check of a source found: counted in its hour, which keeps so many latencies, and kept as one of the latest.
// mode:    write
// params:  urn: str, id: str, hour: str, at: str, ok: bool, cause: str, latency_ms: float, by: str, most_latencies: int, kept: int
// returns: forgotten: int
// budget:  50 ms
MERGE (h:HealthHour {id: $urn + '@' + $hour})
  ON CREATE SET h.source = $urn, h.hour = $hour, h.checks = 0, h.ok = 0, h.latencies = []
SET h.checks = h.checks + 1, h.ok = h.ok + CASE WHEN $ok THEN 1 ELSE 0 END,
    h.latencies = CASE WHEN $latency_ms IS NULL OR size(h.latencies) >= $most_latencies THEN h.latencies
                       ELSE h.latencies + $latency_ms END
CREATE (:HealthCheck {id: $id, source: $urn, at: $at, ok: $ok, cause: $cause, latency_ms: $latency_ms, by: $by})
WITH h.source AS source
CALL (source) {
  MATCH (c:HealthCheck)
  WHERE c.source = source AND c.at >= ''
  WITH c ORDER BY c.source DESC, c.at DESC SKIP $kept
  DELETE c
  RETURN count(*) AS forgotten
}
RETURN forgotten
