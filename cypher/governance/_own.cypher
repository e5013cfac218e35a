// What the asset `a` says by its own verdicts, with how sure that is, what people rejected there, and the level that follows from those
// and from what it inherits.
CALL (a) {
  // Without a label: while there are few classifications or verdicts, a plan that begins with those would be made and kept.
  OPTIONAL MATCH (a)-[v:CLASSIFIED_AS]->(c)
  WITH v, c ORDER BY c.name
  RETURN collect(CASE WHEN v.status <> 'REJECTED' THEN c.name END) AS says,
         collect(CASE WHEN v.status = 'CONFIRMED' THEN 1.0 WHEN v.status <> 'REJECTED' THEN round(coalesce(v.confidence, 0.0), 2) END) AS sure,
         collect(CASE WHEN v.status = 'REJECTED' THEN c.name END) AS refuses,
         coalesce(max(CASE WHEN v.status <> 'REJECTED' THEN c.sensitivity END), 0) AS said
}
CALL (a, refuses) {
  OPTIONAL MATCH (a)-[:INHERITS]->(c) WHERE NOT c.name IN refuses
  RETURN coalesce(max(c.sensitivity), 0) AS inherited
}
WITH *, CASE WHEN said > inherited THEN said ELSE inherited END AS own
