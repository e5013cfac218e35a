// A request, locked until the transaction ends, with the domain of its dataset; none where the reader may not see all that it is about.
// mode:    write
// params:  id: str, now: str, clearance: int, domains: list[str]
// returns: request: map
// budget:  50 ms
MATCH (r:SampleRequest {id: $id})
MATCH (d:Asset {urn: r.dataset})
WHERE d.sensitivity <= $clearance AND r.level <= $clearance AND ($domains IS NULL OR d.domain IN $domains)
SET r.held = $id
WITH r, d,
// include: cypher.sample_requests/_state
RETURN r {.*, state: state, domain: d.domain} AS request
