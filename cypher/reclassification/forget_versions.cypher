// Forget versions of the vocabulary that nothing was judged by any more, but `version`.
// mode:    write
// params:  version: str
// returns: forgotten: int
// budget:  100 ms
MATCH (v:VocabularyVersion)
WHERE v.id >= '' AND v.id <> $version AND NOT EXISTS { MATCH (d:Dataset) WHERE d.judged_by = v.id }
DELETE v
RETURN count(*) AS forgotten
