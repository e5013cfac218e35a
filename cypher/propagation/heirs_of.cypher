// The columns that inherit a classification, or are fed by one that says or inherits it, in one asset, or all where `under` is null.
// mode:    read
// params:  classification: str, under: str
// returns: keys: list[int]
// budget:  500 ms
MATCH (c:Classification {name: $classification})
CALL (c) {
  MATCH (x)-[:INHERITS]->(c)
  RETURN x
  UNION
  MATCH (u)-[:CLASSIFIED_AS|INHERITS]->(c)
  MATCH (u)-[:FEEDS]->(x:Column)
  RETURN x
}
WITH x
WHERE $under IS NULL OR EXISTS { (x)<-[:CONTAINS]-{0,5}(:Asset {urn: $under}) }
RETURN collect(x.key) AS keys
