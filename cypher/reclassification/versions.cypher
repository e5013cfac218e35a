// What datasets were judged by, as it was kept.
// mode:    read
// params:  ids: list[str]
// returns: id: str, data: str
// budget:  50 ms
MATCH (v:VocabularyVersion)
WHERE v.id IN $ids
RETURN v.id AS id, v.data AS data
