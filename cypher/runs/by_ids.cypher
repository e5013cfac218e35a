// Runs by id, those of them whose source the reader may see.
// mode:    read
// params:  ids: list[str], clearance: int, domains: list[str]
// returns: run: map, source: str
// budget:  20 ms
UNWIND $ids AS id
MATCH (r:Run {id: id})-[:SCANS]->(s:Asset)
WHERE s.sensitivity <= $clearance AND ($domains IS NULL OR s.domain IN $domains)
RETURN properties(r) AS run, s.urn AS source
