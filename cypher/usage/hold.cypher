// The position of one reader of one source's log, held until the transaction ends; empty where it never read.
// mode:    write
// params:  id: str, source: str, reader: str, at: str
// returns: position: str
// budget:  20 ms
MERGE (r:UsageReader {id: $id})
  ON CREATE SET r.source = $source, r.reader = $reader
SET r.read_at = $at
RETURN coalesce(r.position, '') AS position
