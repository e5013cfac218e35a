// What somebody asked to read of a dataset and may read now or waits for, the newest first; for the command that samples, never for an answer.
// mode:    read
// params:  dataset: str, by: str, now: str, clearance: int, domains: list[str]
// returns: request: map
// budget:  30 ms
MATCH (r:SampleRequest {dataset: $dataset})
WHERE r.requested_by = $by
MATCH (d:Asset {urn: r.dataset})
WHERE d.sensitivity <= $clearance AND r.level <= $clearance AND ($domains IS NULL OR d.domain IN $domains)
WITH r,
// include: cypher.sample_requests/_state
WHERE state IN ['APPROVED', 'WAITING']
RETURN r {.*, state: state} AS request
ORDER BY r.requested_at DESC, r.id DESC
