// Pages of what changed of these assets, where asked for with their columns, between two times, the newest first: states, tags, owners,
// verdicts and what was inherited, each with what it was before, and why; a key is [recorded at, urn, what].
// mode:    read
// params:  urns: list[str], columns: bool, since: str, until: str, key: list, backward: bool, first: int, clearance: int, domains: list[str]
// returns: urn: str, changes: list[map]
// budget:  200 ms
UNWIND $urns AS urn
MATCH (top:Asset {urn: urn})
WHERE top.sensitivity <= $clearance AND ($domains IS NULL OR top.domain IN $domains)
CALL (top) {
  CALL (top) {
    RETURN top AS a
    UNION ALL
    WITH top WHERE $columns
    MATCH (top)-[:CONTAINS]->(a:Column)
    WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
    RETURN a
  }
  CALL (a) {
    RETURN coalesce(a.recorded_at, a.first_seen) AS at, 'state ' + coalesce(a.valid_from, a.first_seen) AS what,
           coalesce(a.valid_from, a.first_seen) AS valid_from, a.recorded_by AS by, a.recorded_run AS run, a AS s,
           null AS of, null AS old, null AS new, null AS reason
    UNION ALL
    MATCH (a)-[:WAS]->(s:AssetState)
    RETURN s.recorded_at AS at, 'state ' + s.valid_from AS what, s.valid_from AS valid_from, s.recorded_by AS by,
           s.recorded_run AS run, s, null AS of, null AS old, null AS new, null AS reason
    UNION ALL
    MATCH (a)-[r:TAGGED|WAS_TAGGED]->(t:Tag)
    UNWIND CASE WHEN r.closed_at IS NULL THEN [true] ELSE [true, false] END AS on
    RETURN CASE WHEN on THEN r.at ELSE r.closed_at END AS at, 'tag ' + t.name + CASE WHEN on THEN '' ELSE ' off' END AS what,
           CASE WHEN on THEN r.at ELSE r.closed_at END AS valid_from,
           CASE WHEN on THEN r.by ELSE r.closed_by END AS by, null AS run, null AS s, t.name AS of,
           CASE WHEN on THEN null ELSE t.name END AS old, CASE WHEN on THEN t.name ELSE null END AS new, null AS reason
    UNION ALL
    MATCH (a)<-[r:OWNS]-(p:Person)
    RETURN r.at AS at, 'owner ' + p.name AS what, r.at AS valid_from, r.by AS by, null AS run, null AS s, p.name AS of,
           null AS old, p.name AS new, null AS reason
    UNION ALL
    MATCH (a)-[v:CLASSIFIED_AS|WAS_CLASSIFIED_AS|INHERITS|WAS_INHERITS]->(c:Classification)
    WITH a, v, c, type(v) ENDS WITH 'INHERITS' AS came, coalesce(v.recorded_at, v.decided_at, v.valid_from) AS at
    OPTIONAL MATCH (a)-[before:WAS_CLASSIFIED_AS|WAS_INHERITS]->(c)
      WHERE before.closed_at = at AND (type(before) = 'WAS_INHERITS') = came
    RETURN at, CASE WHEN came THEN 'inherited ' ELSE 'verdict ' END + c.name AS what, coalesce(v.decided_at, v.valid_from) AS valid_from,
           CASE WHEN came THEN 'system' ELSE v.decided_by END AS by,
           CASE WHEN v.decided_by IS NULL THEN v.recorded_run ELSE null END AS run, null AS s, c.name AS of,
           before.status AS old, v.status AS new, coalesce(v.decided_reason, v.reason) AS reason
    UNION ALL
    MATCH (a)-[v:WAS_CLASSIFIED_AS|WAS_INHERITS]->(c:Classification)
    WITH a, v, c, type(v) = 'WAS_INHERITS' AS came
    WHERE NOT EXISTS {
      (a)-[next:CLASSIFIED_AS|WAS_CLASSIFIED_AS|INHERITS|WAS_INHERITS]->(c)
      WHERE (type(next) ENDS WITH 'INHERITS') = came AND coalesce(next.recorded_at, next.decided_at, next.valid_from) = v.closed_at
    }
    RETURN v.closed_at AS at, CASE WHEN came THEN 'inherited ' ELSE 'verdict ' END + c.name + ' off' AS what, v.valid_to AS valid_from,
           CASE WHEN came THEN 'system' ELSE v.closed_by END AS by, v.closed_run AS run, null AS s, c.name AS of, v.status AS old,
           null AS new, CASE WHEN came THEN 'Nothing that it comes from says so any more, or something stops it.'
             WHEN v.closed_run IS NOT NULL THEN 'It was not found again.' ELSE v.closed_reason END AS reason
  }
  WITH a, at, what, valid_from, by, run, s, of, old, new, reason
  WHERE ($since IS NULL OR at >= $since) AND ($until IS NULL OR at < $until) AND CASE
    WHEN $key IS NULL THEN true
    WHEN $backward THEN [at, a.urn, what] > $key
    ELSE [at, a.urn, what] < $key END
  WITH [at, a.urn, what] AS position, {a: a, s: s, at: at, what: what, valid_from: valid_from, by: by, run: run, of: of, old: old, new: new, reason: reason} AS change
  ORDER BY position DESC
  WITH collect(change) AS found
  UNWIND (CASE WHEN $backward THEN reverse(found) ELSE found END)[..$first] AS change
  // What was believed of that time until then: one character less is a moment less.
  WITH change, change.a AS a, change.valid_from AS valid_at, left(change.at, size(change.at) - 1) AS known_at
  OPTIONAL CALL (a, valid_at, known_at) {
// include: cypher.catalog/_state
    RETURN s AS before
  }
  WITH change, a, change.s AS s, CASE WHEN change.s IS NULL THEN null ELSE before END AS before
  RETURN collect(change {.at, .what, .valid_from, .by, .run, .of, .old, .new, .reason, urn: a.urn,
    is: s {
// include: cypher.catalog/_governed
    }, was: before {
// include: cypher.catalog/_governed
    }}) AS changes
}
RETURN urn, changes
