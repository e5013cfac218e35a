// Whether this version of the vocabulary is kept.
// mode:    read
// params:  id: str
// returns: id: str
// budget:  20 ms
MATCH (v:VocabularyVersion {id: $id})
RETURN v.id AS id
