// What changed of verdicts between two times and keys, in order of time: verdicts that began, and those that ended without another; of the
// assets themselves and inherited along lineage, or only either.
// mode:    read
// ways:    DESC, ASC
// params:  above_at: str, above_id: str, below_at: str, below_id: str, first: int, inherited: bool, source: str, classification: str, under: str, clearance: int, domains: list[str]
// returns: at: str, id: str, what: str, urn: str, classification: map, verdict: map, was: map, inherited: bool, reasons: list[map]
// budget:  100 ms
CALL () {
  WITH 1 AS wanted WHERE NOT coalesce($inherited, false)
  MATCH (a:Asset)-[v:CLASSIFIED_AS]->(c:Classification) USING INDEX v:CLASSIFIED_AS(recorded_at)
  WHERE v.recorded_at >= $above_at AND v.recorded_at <= $below_at
  WITH a, v, c, v.recorded_at AS at, 'BEGAN' AS what, a.urn + ' ' + c.name + ' BEGAN' AS id
// include: cypher.review/_changes_seen
  RETURN a, v, c, at, what, id ORDER BY at <way>, id <way> LIMIT $first
  UNION ALL
  WITH 1 AS wanted WHERE NOT coalesce($inherited, false)
  MATCH (a:Asset)-[v:WAS_CLASSIFIED_AS]->(c:Classification) USING INDEX v:WAS_CLASSIFIED_AS(recorded_at)
  WHERE v.recorded_at >= $above_at AND v.recorded_at <= $below_at
  WITH a, v, c, v.recorded_at AS at, 'BEGAN' AS what, a.urn + ' ' + c.name + ' BEGAN' AS id
// include: cypher.review/_changes_seen
  RETURN a, v, c, at, what, id ORDER BY at <way>, id <way> LIMIT $first
  UNION ALL
  WITH 1 AS wanted WHERE NOT coalesce($inherited, false)
  MATCH (a:Asset)-[v:WAS_CLASSIFIED_AS]->(c:Classification) USING INDEX v:WAS_CLASSIFIED_AS(closed_at)
  WHERE v.closed_at >= $above_at AND v.closed_at <= $below_at
    AND NOT EXISTS { (a)-[n:CLASSIFIED_AS|WAS_CLASSIFIED_AS]->(c) WHERE n.recorded_at = v.closed_at }
  WITH a, v, c, v.closed_at AS at, 'ENDED' AS what, a.urn + ' ' + c.name + ' ENDED' AS id
// include: cypher.review/_changes_seen
  RETURN a, v, c, at, what, id ORDER BY at <way>, id <way> LIMIT $first
  UNION ALL
  WITH 1 AS wanted WHERE coalesce($inherited, true)
  MATCH (a:Asset)-[v:INHERITS]->(c:Classification) USING INDEX v:INHERITS(recorded_at)
  WHERE v.recorded_at >= $above_at AND v.recorded_at <= $below_at
  WITH a, v, c, v.recorded_at AS at, 'BEGAN' AS what, a.urn + ' ' + c.name + ' INHERITED' AS id
// include: cypher.review/_changes_seen
  RETURN a, v, c, at, what, id ORDER BY at <way>, id <way> LIMIT $first
  UNION ALL
  WITH 1 AS wanted WHERE coalesce($inherited, true)
  MATCH (a:Asset)-[v:WAS_INHERITS]->(c:Classification) USING INDEX v:WAS_INHERITS(recorded_at)
  WHERE v.recorded_at >= $above_at AND v.recorded_at <= $below_at
  WITH a, v, c, v.recorded_at AS at, 'BEGAN' AS what, a.urn + ' ' + c.name + ' INHERITED' AS id
// include: cypher.review/_changes_seen
  RETURN a, v, c, at, what, id ORDER BY at <way>, id <way> LIMIT $first
  UNION ALL
  WITH 1 AS wanted WHERE coalesce($inherited, true)
  MATCH (a:Asset)-[v:WAS_INHERITS]->(c:Classification) USING INDEX v:WAS_INHERITS(closed_at)
  WHERE v.closed_at >= $above_at AND v.closed_at <= $below_at
    AND NOT EXISTS { (a)-[n:INHERITS|WAS_INHERITS]->(c) WHERE n.recorded_at = v.closed_at }
  WITH a, v, c, v.closed_at AS at, 'ENDED' AS what, a.urn + ' ' + c.name + ' INHERITED ENDED' AS id
// include: cypher.review/_changes_seen
  RETURN a, v, c, at, what, id ORDER BY at <way>, id <way> LIMIT $first
}
WITH a, v, c, at, what, id, type(v) ENDS WITH 'INHERITS' AS inherited ORDER BY at <way>, id <way> LIMIT $first
WITH a, v, c, at, what, id, inherited,
// include: cypher.propagation/_came
RETURN at, id, what, a.urn AS urn, c {.key, .name, .title, .description, .category, .sensitivity, .version} AS classification,
  properties(v) AS verdict,
  CASE WHEN what = 'ENDED' THEN properties(v) ELSE head(COLLECT {
    MATCH (a)-[b:WAS_CLASSIFIED_AS|WAS_INHERITS]->(c)
    WHERE b.closed_at = at AND (type(b) = 'WAS_INHERITS') = inherited
    RETURN properties(b)
  }) END AS was, inherited, reasons
ORDER BY at <way>, id <way>
