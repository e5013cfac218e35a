// How many assets such a list has, counted up to a bound.
// mode:    read
// params:  anchor: map, filter: map, bound: int, clearance: int, domains: list[str]
// returns: total: int
// budget:  60 ms
CALL () {
  MATCH (:Tag {name: $anchor.tag})<-[:TAGGED]-(a:Asset)
  RETURN a
  UNION ALL
  MATCH (c:Classification)<-[:CLASSIFIED_AS|INHERITS]-(a:Asset)
  WHERE $anchor.classification IN c.wider
  RETURN DISTINCT a
  UNION ALL
  MATCH (:Person {name: $anchor.owner})-[:OWNS]->(a:Asset)
  RETURN a
  UNION ALL
  MATCH (a:Asset) WHERE a.name_lower STARTS WITH $anchor.name_prefix
  RETURN a
}
WITH a
WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
// include: cypher.catalog/_filter
WITH a LIMIT $bound
RETURN count(a) AS total
