// What somebody asked to read of a dataset and may read now or waits for, the newest first; for the command that samples, never for an answer.
// mode:    read
// params:  dataset: str, by: str, now: str
// returns: request: map
// budget:  30 ms
MATCH (r:SampleRequest {dataset: $dataset})
WHERE r.requested_by = $by
WITH r,
// include: cypher.sample_requests/_state
WHERE state IN ['APPROVED', 'WAITING']
RETURN r {.*, state: state} AS request
ORDER BY r.requested_at DESC, r.id DESC
