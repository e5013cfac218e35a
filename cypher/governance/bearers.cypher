// All assets whose level may come from one of these classifications: they carry it or inherit it; for commands, never for an answer.
// mode:    read
// params:  names: list[str]
// returns: key: int
// budget:  500 ms
MATCH (c:Classification)<-[v:CLASSIFIED_AS|INHERITS]-(a:Asset)
WHERE c.name IN $names AND v.status <> 'REJECTED'
RETURN DISTINCT a.key AS key
ORDER BY key
