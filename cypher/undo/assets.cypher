// Assets that a run made or changed, by urn: as they were before it (null: not there), as it left them and as they are; and,
// of those that it made, whether people worked on them since, and whether what others say needs them.
// mode:    read
// ways:    ASC, DESC
// params:  run: str, after: str, before: str, containers: bool, first: int, all: bool, clearance: int, domains: list[str]
// returns: key: str, asset: map, was: map, left: map, now: map, seen: bool, worked_on: bool, needed: bool, active: int
// budget:  200 ms
CALL () {
  MATCH (a:Asset)
  WHERE a.recorded_run = $run AND a.urn > $after AND a.urn < $before
    AND ($containers IS NULL OR $containers = (a.kind IN ['SOURCE', 'DATABASE', 'SCHEMA']))
    AND ($all OR (a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)))
  RETURN a ORDER BY a.urn <way> LIMIT $first
  UNION
  MATCH (past:AssetState) WHERE past.recorded_run = $run
  MATCH (a:Asset)-[:WAS]->(past)
  WHERE a.urn > $after AND a.urn < $before
    AND ($containers IS NULL OR $containers = (a.kind IN ['SOURCE', 'DATABASE', 'SCHEMA']))
    AND ($all OR (a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)))
  RETURN DISTINCT a ORDER BY a.urn <way> LIMIT $first
}
WITH a ORDER BY a.urn <way> LIMIT $first
CALL (a) {
  CALL (a) {
    WITH a WHERE a.recorded_run = $run
    RETURN coalesce(a.recorded_at, a.first_seen) AS at
    UNION ALL
    MATCH (a)-[:WAS]->(past:AssetState) WHERE past.recorded_run = $run
    RETURN past.recorded_at AS at
  }
  RETURN min(at) AS began, max(at) AS ended
}
// One character less is a moment less.
WITH a, ended, '9999' AS valid_at, left(began, size(began) - 1) AS known_at
OPTIONAL CALL (a, valid_at, known_at) {
// include: cypher.catalog/_state
  RETURN s AS was
}
WITH a, was, valid_at, ended AS known_at
OPTIONAL CALL (a, valid_at, known_at) {
// include: cypher.catalog/_state
  RETURN s AS left
}
// What came with it and is judged together: the columns of a dataset, the dataset of a column.
WITH a, was, left, CASE WHEN was IS NULL AND a.kind IN ['DATASET', 'COLUMN'] THEN COLLECT {
  MATCH (a)-[:CONTAINS]-(x:Dataset|Column) WHERE x.first_seen = a.first_seen RETURN x
} ELSE [] END AS beside
RETURN a.urn AS key,
  a {.urn, .key, .kind, .path, .status, .recorded_by, .recorded_run, at: coalesce(a.recorded_at, a.first_seen),
     parent: head(COLLECT { MATCH (p:Asset)-[:CONTAINS]->(a) RETURN p.urn })} AS asset,
  was {
// include: cypher.catalog/_governed
  } AS was, left {
// include: cypher.catalog/_governed
  } AS left, a {
// include: cypher.catalog/_governed
  } AS now,
  a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains) AS seen,
  was IS NULL AND EXISTS {
    UNWIND beside + [a] AS x
    WITH x WHERE (
// include: cypher.undo/_worked_on
    )
    RETURN 1
  } AS worked_on,
  was IS NULL AND (EXISTS {
    UNWIND beside + [a] AS x
    MATCH (x)-[e:FEEDS|INFLUENCES]-(:Asset)
    WHERE e.origin <> 'MANUAL' AND coalesce(e.recorded_run, e.run) <> $run
    RETURN 1
  } OR a.kind = 'DATASET' AND EXISTS {
    MATCH (a)-[:CONTAINS]->(c:Asset)
    WHERE c.status = 'ACTIVE' AND coalesce(c.recorded_run, '') <> $run
      AND NOT EXISTS { (c)-[:WAS]->(past:AssetState) WHERE past.recorded_run = $run }
  }) AS needed,
  CASE WHEN a.kind IN ['SOURCE', 'DATABASE', 'SCHEMA'] THEN COUNT { (a)-[:CONTAINS]->(c:Asset) WHERE c.status = 'ACTIVE' } ELSE 0 END AS active
ORDER BY key <way>
