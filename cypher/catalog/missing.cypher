// Which of these urns nobody has described or mentioned yet, and which are of deleted assets; one fat row.
// mode:    read
// params:  urns: list[str]
// returns: urns: list[str], deleted: list[str]
// budget:  200 ms
UNWIND $urns AS urn
OPTIONAL MATCH (a:Asset {urn: urn})
WITH urn, a WHERE a IS NULL OR a.status = 'DELETED'
RETURN collect(CASE WHEN a IS NULL THEN urn END) AS urns, collect(a.urn) AS deleted
