// Which of these columns are one of these assets or lie in it.
// mode:    read
// params:  keys: list[int], unders: list[str]
// returns: under: str, keys: list[int]
// budget:  200 ms
UNWIND $keys AS key
MATCH (x:Asset {key: key})
MATCH (x)<-[:CONTAINS]-{0,5}(top:Asset)
WHERE top.urn IN $unders
RETURN top.urn AS under, collect(x.key) AS keys
