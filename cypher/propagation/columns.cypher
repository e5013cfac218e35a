// What columns say, what people rejected there and what they inherit, as lists, since there may be many of them; only those that have any.
// mode:    read
// params:  keys: list[int]
// returns: columns: list[list]
// budget:  200 ms
UNWIND $keys AS key
MATCH (x:Asset {key: key})
WITH x, COLLECT { MATCH (x)-[i:INHERITS]->(c) RETURN [c.name, i.hops, i.origins, i.via, i.confidences] } AS lists
WHERE x.says IS NOT NULL OR x.refuses IS NOT NULL OR lists <> []
RETURN collect([x.key, x.says, x.says_sure, x.refuses, lists]) AS columns
