// Assets get the reach that was read, and their suggestions the place in the queue that follows.
// mode:    write
// params:  rows: list[map]
// returns: moved: int
// budget:  200 ms
UNWIND $rows AS row
MATCH (a:Asset {urn: row.urn})
SET a.reach = row.reach
WITH a
MATCH (a)-[v:CLASSIFIED_AS]->(c)
WHERE v.review IS NOT NULL
// include: cypher.review/_place
RETURN count(v) AS moved
