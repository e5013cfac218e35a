// Edges that a source saw before it was known that they hold: that they held then is noted as an interval of the past.
// mode:    write
// params:  rows: list[map], assertion: str, at: str, run: str
// returns: extended: int
// budget:  400 ms
UNWIND $rows AS row
MATCH (up:Asset {urn: row.up})
MATCH (down:Asset {urn: row.down})
MATCH (up)-[e:FEEDS|INFLUENCES {assertion: $assertion, job: row.job}]->(down)
WITH up, down, e, row, coalesce(e.valid_from, e.first_seen) AS began
WHERE row.valid < began AND NOT EXISTS {
  MATCH (up)-[f:FED {assertion: $assertion, job: row.job, type: type(e)}]->(down)
  WHERE coalesce(f.valid_from, f.first_seen) <= row.valid AND coalesce(f.valid_to, f.closed_at) > row.valid
}
CREATE (up)-[f:FED]->(down)
SET f = properties(e), f += row.props, f.type = type(e), f.run = $run, f.first_seen = $at, f.last_seen = $at,
    f.closed_at = $at, f.valid_from = row.valid, f.valid_to = began
RETURN count(f) AS extended
