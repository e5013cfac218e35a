// What the scans of a source do not find any more and what is not deleted: datasets with all their columns, columns of datasets that are
// there, schemas and databases; by urn, with what keeps each of them. `until` is the time after which nothing may be deleted yet.
// mode:    read
// ways:    ASC, DESC
// params:  source: str, until: str, after: str, before: str, first: int, clearance: int, domains: list[str]
// returns: urn: str, key: int, version: int, kind: str, status: str, since: str, why: str, worked_on: bool, needed: bool, holds: bool
// budget:  300 ms
MATCH (a:Asset)
WHERE a.source = $source AND a.stale_since >= '' AND a.status IN ['STALE', 'DEPRECATED']
  AND a.urn > $after AND a.urn < $before
  AND a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
  AND (a.kind <> 'COLUMN' OR EXISTS { MATCH (d:Dataset)-[:CONTAINS]->(a) WHERE d.status = 'ACTIVE' })
WITH a ORDER BY a.urn <way> LIMIT $first
RETURN a.urn AS urn, a.key AS key, a.version AS version, a.kind AS kind, a.status AS status, a.stale_since AS since,
  a.status_reason AS why,
  EXISTS {
    MATCH (a)-[:CONTAINS]->{0,1}(x:Asset)
    WHERE (x = a OR x:Column) AND (
// include: cypher.undo/_worked_on
    )
    RETURN 1
  } AS worked_on,
  EXISTS {
    MATCH (a)-[:CONTAINS]->{0,1}(x:Asset)
    WHERE (x = a OR x:Column) AND
// include: cypher.stale/_needed
    RETURN 1
  } AS needed,
  a.kind IN ['SCHEMA', 'DATABASE'] AND EXISTS {
    MATCH (a)-[:CONTAINS]->{1,2}(y:Asset)
    WHERE NOT y:Column AND y.status <> 'DELETED' AND (y.status = 'ACTIVE' OR coalesce(y.stale_since, $until) > $until OR EXISTS {
      MATCH (y)-[:CONTAINS]->{0,1}(x:Asset)
      WHERE (x = y OR x:Column) AND ((
// include: cypher.undo/_worked_on
      ) OR
// include: cypher.stale/_needed
      )
      RETURN 1
    })
    RETURN 1
  } AS holds
ORDER BY a.urn <way>
