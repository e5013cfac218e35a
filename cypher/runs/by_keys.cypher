// Runs by key, those of them whose source the reader may see.
// mode:    read
// params:  keys: list[int], clearance: int, domains: list[str]
// returns: run: map, source: str
// budget:  20 ms
UNWIND $keys AS key
MATCH (r:Run {key: key})-[:SCANS]->(s:Asset)
WHERE s.sensitivity <= $clearance AND ($domains IS NULL OR s.domain IN $domains)
RETURN properties(r) AS run, s.urn AS source
