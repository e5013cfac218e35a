// The level each asset has by its own verdicts, written to it where it is another.
// mode:    write
// params:  urns: list[str]
// returns: written: int
// budget:  300 ms
UNWIND $urns AS urn
MATCH (a:Asset {urn: urn})
OPTIONAL MATCH (a)-[v:CLASSIFIED_AS]->(c) WHERE v.status <> 'REJECTED'
WITH a, coalesce(max(c.sensitivity), 0) AS own
WHERE coalesce(a.own_sensitivity, -1) <> own
SET a.own_sensitivity = own
RETURN count(a) AS written
