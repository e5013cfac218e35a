// One batch of edges between assets of the same level, each asserted by one source, job or person; `marked` are the columns that are fed
// otherwise than before.
// mode:    write
// params:  rows: list[map], assertion: str, at: str, run: str
// returns: written: int, marked: list[int]
// budget:  400 ms
UNWIND $rows AS row
MATCH (up:Asset {urn: row.up})
MATCH (down:Asset {urn: row.down})
MERGE (up)-[e:FEEDS {assertion: $assertion, job: row.job}]->(down)
  ON CREATE SET e.first_seen = $at, e.valid_from = row.valid, e.recorded_run = $run
WITH row, down, e, coalesce(e.transformations, []) <> row.props.transformations AS changed
SET e += row.props, e.last_seen = CASE WHEN e.last_seen > row.seen THEN e.last_seen ELSE row.seen END, e.run = $run
SET e.used_at = CASE WHEN row.used THEN e.last_seen END
RETURN count(e) AS written, collect(DISTINCT CASE WHEN changed AND down:Column THEN down.key END) AS marked
