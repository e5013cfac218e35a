// The columns that feed columns so that the value is carried: pairs of feeder and fed.
// mode:    read
// params:  keys: list[int], carries: list[str]
// returns: pairs: list[list]
// budget:  200 ms
UNWIND $keys AS key
MATCH (x:Asset {key: key})<-[e:FEEDS]-(u:Column)
WHERE
// include: cypher.propagation/_carries
WITH DISTINCT u, x
RETURN collect([u.key, x.key]) AS pairs
