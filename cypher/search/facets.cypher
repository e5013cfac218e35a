// What a set of assets is made of, counted; the last three facets look along their relationships.
// mode:    read
// params:  keys: list[int], clearance: int, domains: list[str]
// returns: facet: str, value: str, assets: int
// budget:  300 ms
UNWIND $keys AS key
MATCH (a:Asset {key: key})
WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
WITH collect(a) AS found
CALL (found) {
  UNWIND found AS a RETURN 'KIND' AS facet, a.kind AS value, count(*) AS assets
  UNION ALL
  UNWIND found AS a RETURN 'PLATFORM' AS facet, a.platform AS value, count(*) AS assets
  UNION ALL
  UNWIND found AS a RETURN 'SOURCE' AS facet, a.source AS value, count(*) AS assets
  UNION ALL
  UNWIND found AS a RETURN 'SENSITIVITY' AS facet, toString(a.sensitivity) AS value, count(*) AS assets
  UNION ALL
  UNWIND found AS a MATCH (a)-[v:CLASSIFIED_AS|INHERITS]->(c:Classification) WHERE v.status <> 'REJECTED'
  RETURN 'CLASSIFICATION' AS facet, c.name AS value, count(DISTINCT a) AS assets
  UNION ALL
  UNWIND found AS a MATCH (a)-[:TAGGED]->(t:Tag)
  RETURN 'TAG' AS facet, t.name AS value, count(*) AS assets
}
WITH facet, value, assets WHERE value IS NOT NULL
RETURN facet, value, assets
ORDER BY facet, assets DESC, value
