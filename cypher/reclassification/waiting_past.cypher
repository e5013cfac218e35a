// Datasets of a source that were judged by something else than `version`, as they were judged; a page in the order of their urns.
// mode:    read
// params:  source: str, version: str, after: str, first: int
// returns: dataset: map
// budget:  300 ms
MATCH (d:Asset {source: $source, kind: 'DATASET'})
WHERE d.urn > $after AND d.judged_by <> $version AND d.status = 'ACTIVE'
WITH d ORDER BY d.urn LIMIT $first
// include: cypher.reclassification/_table
