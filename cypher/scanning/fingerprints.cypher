// What the datasets of a source looked like when they were last read, in chunks of fat rows.
// mode:    read
// params:  source: str
// returns: chunk: list[list]
// budget:  300 ms
MATCH (d:Asset {source: $source, kind: 'DATASET'})
WHERE d.urn >= '' AND d.fingerprint IS NOT NULL
WITH d.urn AS urn, d.fingerprint AS fingerprint, d.status AS status ORDER BY urn
WITH collect([urn, fingerprint, status]) AS found
UNWIND range(0, size(found), 5000) AS start
RETURN found[start..start + 5000] AS chunk
