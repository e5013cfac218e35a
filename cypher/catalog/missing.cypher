// Which of these urns nobody has described or mentioned yet; one fat row.
// mode:    read
// params:  urns: list[str]
// returns: urns: list[str]
// budget:  200 ms
UNWIND $urns AS urn
OPTIONAL MATCH (a:Asset {urn: urn})
WITH urn, a WHERE a IS NULL
RETURN collect(urn) AS urns
