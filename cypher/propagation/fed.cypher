// The columns that columns feed so that the value is carried.
// mode:    read
// params:  keys: list[int], carries: list[str]
// returns: keys: list[int]
// budget:  200 ms
UNWIND $keys AS key
MATCH (u:Asset {key: key})-[e:FEEDS]->(x:Column)
WHERE
// include: cypher.propagation/_carries
RETURN collect(DISTINCT x.key) AS keys
