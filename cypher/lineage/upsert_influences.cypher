// Columns that decide which rows a dataset holds, or their order, without flowing into it.
// mode:    write
// params:  rows: list[map], assertion: str, at: str, run: str
// returns: written: int, marked: list[int]
// budget:  400 ms
UNWIND $rows AS row
MATCH (up:Asset {urn: row.up})
MATCH (down:Asset {urn: row.down})
MERGE (up)-[e:INFLUENCES {assertion: $assertion, job: row.job}]->(down)
  ON CREATE SET e.first_seen = $at, e.valid_from = row.valid, e.recorded_run = $run
SET e += row.props, e.last_seen = CASE WHEN e.last_seen > row.seen THEN e.last_seen ELSE row.seen END, e.run = $run
SET e.used_at = CASE WHEN row.used THEN e.last_seen END
RETURN count(e) AS written, [] AS marked
