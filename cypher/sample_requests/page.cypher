// Requests for samples that the reader may see, newest first: of everybody where `by` is null; a key is [requested_at, id].
// mode:    read
// params:  by: str, state: str, now: str, key: list[str], backward: bool, first: int, clearance: int, domains: list[str]
// returns: request: map
// budget:  50 ms
MATCH (r:SampleRequest)
WHERE r.id >= '' AND ($by IS NULL OR r.requested_by = $by)
  AND CASE
    WHEN $key IS NULL THEN true
    WHEN $backward THEN r.requested_at > $key[0] OR (r.requested_at = $key[0] AND r.id > $key[1])
    ELSE r.requested_at < $key[0] OR (r.requested_at = $key[0] AND r.id < $key[1]) END
MATCH (d:Asset {urn: r.dataset})
WHERE d.sensitivity <= $clearance AND r.level <= $clearance AND ($domains IS NULL OR d.domain IN $domains)
WITH r,
// include: cypher.sample_requests/_state
WHERE $state IS NULL OR state = $state
WITH r, state ORDER BY r.requested_at DESC, r.id DESC
WITH collect(r {.*, state: state}) AS found
UNWIND (CASE WHEN $backward THEN reverse(found) ELSE found END)[..$first] AS request
RETURN request
