// Objects of a source that its last complete scan did not see any more: kept, and marked stale.
// mode:    write
// params:  source: str, run: str
// returns: retired: int
// budget:  500 ms
UNWIND ['DATABASE', 'SCHEMA', 'DATASET', 'COLUMN', 'JOB', 'DASHBOARD'] AS kind
MATCH (a:Asset {source: $source, kind: kind})
WHERE a.run <> $run AND a.status = 'ACTIVE'
SET a.status = 'STALE'
RETURN count(a) AS retired
