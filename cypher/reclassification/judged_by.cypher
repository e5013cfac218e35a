// By what the datasets of a source were judged, in chunks of fat rows; what was not judged as it is now is left out.
// mode:    read
// params:  source: str
// returns: chunk: list[list]
// budget:  300 ms
MATCH (d:Asset {source: $source, kind: 'DATASET'})
WHERE d.urn >= '' AND d.judged_by IS NOT NULL
WITH d.urn AS urn, d.judged_by AS version ORDER BY urn
WITH collect([urn, version]) AS found
UNWIND range(0, size(found), 5000) AS start
RETURN found[start..start + 5000] AS chunk
