// Up to where a reader of a log has counted.
// mode:    read
// params:  id: str
// returns: position: str
// budget:  20 ms
MATCH (r:UsageReader {id: $id})
RETURN coalesce(r.position, '') AS position
