// Let a task send its next requests to a source that may be asked so often in a minute: when the first may be sent, and how many, a second's
// worth at most. No two get the same time. A limit that was changed holds from the next time on; null has none.
// mode:    write
// params:  source: str
// returns: wait_ms: float, requests: int, per_minute: int
// budget:  20 ms
MATCH (s:Asset {urn: $source})
SET s.lock = 'requests'
WITH s, s.requests_per_minute AS per_minute, datetime.realtime().epochMillis AS now
WITH s, per_minute, now, toInteger(ceil(coalesce(per_minute, 60000) / 60.0)) AS requests,
     CASE WHEN s.next_request_ms > now THEN s.next_request_ms ELSE now + 0.0 END AS at
SET s.next_request_ms = CASE WHEN per_minute IS NULL THEN null ELSE at + requests * 60000.0 / per_minute END
RETURN CASE WHEN per_minute IS NULL THEN 0.0 ELSE at - now END AS wait_ms, requests, per_minute
