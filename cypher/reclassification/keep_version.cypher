// Keep what datasets are judged by, so that a later version can be compared with it.
// mode:    write
// params:  id: str, data: str, at: str
// returns: id: str
// budget:  50 ms
MERGE (v:VocabularyVersion {id: $id})
  ON CREATE SET v.data = $data, v.created_at = $at
RETURN v.id AS id
