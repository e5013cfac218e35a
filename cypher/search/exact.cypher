// Assets whose name, urn or dotted path is exactly this; a path is found by its last part.
// mode:    read
// params:  name: str, path: str, urn: str, filter: map, limit: int, clearance: int, domains: list[str]
// returns: key: int
// budget:  30 ms
CALL () {
  MATCH (a:Asset {urn: $urn})
  RETURN a
  UNION
  MATCH (a:Asset {name_lower: $name})
  WHERE $path = $name OR toLower(a.path) = $path OR toLower(a.path) ENDS WITH '.' + $path
  RETURN a
  UNION
  MATCH (a:Asset {name_lower: $path})
  RETURN a
}
WITH a
WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
// include: cypher.catalog/_filter
RETURN a.key AS key
ORDER BY CASE a.kind WHEN 'DATASET' THEN 0 WHEN 'COLUMN' THEN 2 ELSE 1 END, size(a.path), a.urn
LIMIT $limit
