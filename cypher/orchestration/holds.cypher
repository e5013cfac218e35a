// The highest sensitivity among the datasets of a source.
// mode:    read
// params:  name: str
// returns: sensitivity: int
// budget:  200 ms
MATCH (d:Asset {source: $name, kind: 'DATASET'})
WHERE d.urn >= ''
RETURN coalesce(max(d.sensitivity), 0) AS sensitivity
