// Whether any dataset the reader may see has a vector yet.
// mode:    read
// params:  clearance: int, domains: list[str]
// returns: ready: bool
// budget:  50 ms
RETURN EXISTS {
  MATCH (a:Asset {kind: 'DATASET'})
  WHERE a.urn >= '' AND a.embedding IS NOT NULL
    AND a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
} AS ready
