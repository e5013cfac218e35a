// How much a run changed of what the reader may see, by what that is.
// mode:    read
// params:  run: str, clearance: int, domains: list[str]
// returns: aspect: str, count: int
// budget:  300 ms
CALL () {
  CALL () {
    MATCH (a:Asset) WHERE a.recorded_run = $run AND a.urn >= ''
    RETURN a
    UNION
    MATCH (past:AssetState) WHERE past.recorded_run = $run
    MATCH (a:Asset)-[:WAS]->(past)
    RETURN a
  }
  WITH a WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
  RETURN 'ASSET' AS aspect, count(a) AS count
  UNION ALL
  CALL () {
    MATCH (up:Asset)-[e:FEEDS]->(down:Asset) USING INDEX e:FEEDS(recorded_run) WHERE e.recorded_run = $run
    RETURN up, down, 'FEEDS' AS type, e.assertion AS assertion, coalesce(e.job, '') AS job, 'MADE' AS action
    UNION
    MATCH (up:Asset)-[e:INFLUENCES]->(down:Asset) USING INDEX e:INFLUENCES(recorded_run) WHERE e.recorded_run = $run
    RETURN up, down, 'INFLUENCES' AS type, e.assertion AS assertion, coalesce(e.job, '') AS job, 'MADE' AS action
    UNION
    MATCH (up:Asset)-[e:FED]->(down:Asset) USING INDEX e:FED(recorded_run) WHERE e.recorded_run = $run
    RETURN up, down, e.type AS type, e.assertion AS assertion, coalesce(e.job, '') AS job, 'MADE' AS action
    UNION
    MATCH (up:Asset)-[e:FED]->(down:Asset) USING INDEX e:FED(closed_run) WHERE e.closed_run = $run
    RETURN up, down, e.type AS type, e.assertion AS assertion, coalesce(e.job, '') AS job, 'CLOSED' AS action
  }
  WITH up, down
  WHERE up.sensitivity <= $clearance AND ($domains IS NULL OR up.domain IN $domains)
    AND down.sensitivity <= $clearance AND ($domains IS NULL OR down.domain IN $domains)
  RETURN 'EDGE' AS aspect, count(*) AS count
  UNION ALL
  CALL () {
    MATCH (a:Asset)-[v:CLASSIFIED_AS]->(c:Classification) USING INDEX v:CLASSIFIED_AS(recorded_run) WHERE v.recorded_run = $run
    RETURN a, c, 'MADE' AS action
    UNION
    MATCH (a:Asset)-[v:WAS_CLASSIFIED_AS]->(c:Classification) USING INDEX v:WAS_CLASSIFIED_AS(recorded_run) WHERE v.recorded_run = $run
    RETURN a, c, 'MADE' AS action
    UNION
    MATCH (a:Asset)-[v:WAS_CLASSIFIED_AS]->(c:Classification) USING INDEX v:WAS_CLASSIFIED_AS(closed_run) WHERE v.closed_run = $run
    RETURN a, c, 'WITHDRAWN' AS action
    UNION
    MATCH (a:Asset)-[v:CLASSIFIED_AS]->(c:Classification) USING INDEX v:CLASSIFIED_AS(evidence_run) WHERE v.evidence_run = $run
    RETURN a, c, 'CHANGED' AS action
  }
  WITH a WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
  RETURN 'VERDICT' AS aspect, count(*) AS count
  UNION ALL
  CALL () {
    MATCH (a:Asset)-[r:REFERENCES]->(b:Asset) USING INDEX r:REFERENCES(recorded_run) WHERE r.recorded_run = $run
    RETURN a, b, 'MADE' AS action
    UNION
    MATCH (a:Asset)-[r:WAS_REFERENCES]->(b:Asset) USING INDEX r:WAS_REFERENCES(closed_run) WHERE r.closed_run = $run
    RETURN a, b, 'CLOSED' AS action
  }
  WITH a, b
  WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
    AND b.sensitivity <= $clearance AND ($domains IS NULL OR b.domain IN $domains)
  RETURN 'REFERENCE' AS aspect, count(*) AS count
  UNION ALL
  CALL () {
    MATCH (a:Asset)-[r:TAGGED]->(:Tag) USING INDEX r:TAGGED(recorded_run) WHERE r.recorded_run = $run
    RETURN a
    UNION ALL
    MATCH (:Person)-[r:OWNS]->(a:Asset) USING INDEX r:OWNS(recorded_run) WHERE r.recorded_run = $run
    RETURN a
  }
  WITH a WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
  RETURN 'LABEL' AS aspect, count(*) AS count
  UNION ALL
  MATCH (v:SchemaVersion) WHERE v.run = $run
  MATCH (d:Asset)-[:HAS_SCHEMA]->(v)
  WHERE d.sensitivity <= $clearance AND ($domains IS NULL OR d.domain IN $domains)
  RETURN 'SCHEMA' AS aspect, count(*) AS count
  UNION ALL
  MATCH (i:Incident) WHERE i.run = $run
  MATCH (i)-[:ABOUT]->(d:Asset)
  WHERE (
// include: cypher.incidents/_shown
  )
  RETURN 'INCIDENT' AS aspect, count(*) AS count
}
RETURN aspect, count
