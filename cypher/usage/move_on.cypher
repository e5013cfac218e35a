// Up to where one reader has counted.
// mode:    write
// params:  id: str, position: str
// returns: moved: int
// budget:  20 ms
MATCH (r:UsageReader {id: $id})
SET r.position = $position
RETURN count(r) AS moved
