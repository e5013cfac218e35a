// Whether any asset has a vector yet.
// mode:    read
// params:
// returns: ready: bool
// budget:  30 ms
RETURN EXISTS { MATCH (a:Asset {kind: 'DATASET'}) WHERE a.urn >= '' AND a.embedding IS NOT NULL } AS ready
