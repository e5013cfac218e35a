// Keep a trained model as bytes; those of models that are long out of use go.
// mode:    write
// params:  digest: str, data: bytes, most: int
// returns: dropped: int
// budget:  200 ms
MERGE (d:ClassificationModelArtefact {digest: $digest})
SET d.data = $data
WITH d
CALL () {
  MATCH (m:ClassificationModel) WHERE m.status IN ['RETIRED', 'CANDIDATE']
  RETURN collect(m.digest) AS spare
}
CALL () {
  MATCH (m:ClassificationModel) WHERE m.status IN ['RETIRED', 'CANDIDATE', 'PRESENT']
  WITH m ORDER BY m.status = 'PRESENT' DESC, m.number DESC LIMIT $most
  RETURN collect(m.digest) AS kept
}
WITH [digest IN spare WHERE NOT digest IN kept AND digest <> $digest] AS gone
CALL (gone) {
  MATCH (old:ClassificationModelArtefact) WHERE old.digest IN gone
  DELETE old
  RETURN count(old) AS dropped
}
RETURN dropped
