// The level that the asset `a` had as of a past instant: the highest of the verdicts on it and on
// what holds it, those it inherited among them.
CALL (a) {
  MATCH (above:Asset)-[:CONTAINS*0..5]->(a)
  MATCH (above)-[v:CLASSIFIED_AS|WAS_CLASSIFIED_AS|INHERITS|WAS_INHERITS]->(c:Classification)
  WHERE v.status <> 'REJECTED' AND
// include: cypher.governance/_held
  RETURN coalesce(max(c.sensitivity), 0) AS level
}
