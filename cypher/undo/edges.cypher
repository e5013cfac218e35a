// Edges that a run made or closed, each with whether it is open now and who said so since; by a key of action, ends and asserter.
// mode:    read
// ways:    ASC, DESC
// params:  run: str, after: str, before: str, first: int, all: bool, clearance: int, domains: list[str]
// returns: key: str, action: str, up: str, down: str, edge: map, open: list[str], seen: bool
// budget:  300 ms
CALL () {
  MATCH (up:Asset)-[e:FEEDS]->(down:Asset) USING INDEX e:FEEDS(recorded_run) WHERE e.recorded_run = $run
  RETURN up, down, e, 'FEEDS' AS type, 'MADE' AS action
  UNION ALL
  MATCH (up:Asset)-[e:INFLUENCES]->(down:Asset) USING INDEX e:INFLUENCES(recorded_run) WHERE e.recorded_run = $run
  RETURN up, down, e, 'INFLUENCES' AS type, 'MADE' AS action
  UNION ALL
  MATCH (up:Asset)-[e:FED]->(down:Asset) USING INDEX e:FED(recorded_run) WHERE e.recorded_run = $run
  RETURN up, down, e, e.type AS type, 'MADE' AS action
  UNION ALL
  MATCH (up:Asset)-[e:FED]->(down:Asset) USING INDEX e:FED(closed_run) WHERE e.closed_run = $run
  RETURN up, down, e, e.type AS type, 'CLOSED' AS action
}
WITH up, down, e, type, action,
     action + ' ' + down.urn + ' ' + up.urn + ' ' + type + ' ' + e.assertion + ' ' + coalesce(e.job, '') AS key,
     up.sensitivity <= $clearance AND ($domains IS NULL OR up.domain IN $domains)
       AND down.sensitivity <= $clearance AND ($domains IS NULL OR down.domain IN $domains) AS seen
WHERE key > $after AND key < $before AND ($all OR seen)
WITH key, head(collect({up: up, down: down, e: e, type: type, action: action, seen: seen})) AS found
ORDER BY key <way> LIMIT $first
WITH key, found, found.up AS up, found.down AS down, found.e AS e
RETURN key, found.action AS action, up.urn AS up, down.urn AS down,
  {type: found.type, assertion: e.assertion, job: coalesce(e.job, ''), origin: e.origin, transformation: e.transformation} AS edge,
  COLLECT {
    MATCH (up)-[o:FEEDS|INFLUENCES]->(down)
    WHERE type(o) = found.type AND o.assertion = e.assertion AND coalesce(o.job, '') = coalesce(e.job, '')
    RETURN coalesce(o.recorded_run, '')
  } AS open,
  found.seen AS seen
ORDER BY key <way>
