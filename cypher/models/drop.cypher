// Bytes of models that are long out of use go: those of the model in force and of the newest besides stay.
// mode:    write
// params:  most: int
// returns: dropped: int
// budget:  100 ms
MATCH (m:ClassificationModel)
WHERE m.status IN ['PRESENT', 'RETIRED', 'CANDIDATE']
WITH m ORDER BY m.status = 'PRESENT' DESC, m.number DESC
WITH collect(m.digest) AS digests
UNWIND digests[$most..] AS gone
WITH DISTINCT gone, digests WHERE NOT gone IN digests[..$most]
MATCH (d:ClassificationModelArtefact {digest: gone})
DELETE d
RETURN count(*) AS dropped
