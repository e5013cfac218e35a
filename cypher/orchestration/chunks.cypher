// What the stages of a run kept under these ids.
// mode:    read
// params:  ids: list[str]
// returns: id: str, data: str
// budget:  50 ms
MATCH (c:RunChunk)
WHERE c.id IN $ids
RETURN c.id AS id, c.data AS data
