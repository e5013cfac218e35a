// A page of assets that starts at one tag, classification, person or beginning of a name: the one entry of anchor.
// mode:    read
// params:  anchor: map, key: str, backward: bool, filter: map, first: int, clearance: int, domains: list[str]
// returns: asset: map
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
  AND CASE WHEN $key IS NULL THEN true WHEN $backward THEN a.urn < $key ELSE a.urn > $key END
WITH a ORDER BY a.urn
WITH collect(a) AS found
UNWIND (CASE WHEN $backward THEN reverse(found) ELSE found END)[..$first] AS a
RETURN a {
// include: cypher.catalog/_fields
} AS asset
