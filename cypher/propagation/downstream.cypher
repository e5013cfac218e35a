// All columns that the value of one reaches, with the least number of hops.
// mode:    read
// params:  key: int, carries: list[str]
// returns: keys: list[int], hops: list[int]
// budget:  400 ms
MATCH (root:Asset {key: $key})
MATCH p = (root)((u)-[e:FEEDS]->(x:Column WHERE
// include: cypher.propagation/_carries
))+(hit)
WITH hit, min(length(p)) AS hops
RETURN collect(hit.key) AS keys, collect(hops) AS hops
