// One batch of edges between assets of the same level, each asserted by one source, job or person.
// mode:    write
// params:  rows: list[map], assertion: str, at: str, run: str
// returns: written: int
// budget:  400 ms
UNWIND $rows AS row
MATCH (up:Asset {urn: row.up})
MATCH (down:Asset {urn: row.down})
MERGE (up)-[e:FEEDS {assertion: row.assertion}]->(down)
  ON CREATE SET e.first_seen = $at
SET e.origin = row.origin, e.transformation = row.transformation, e.transformations = row.transformations,
    e.confidence = row.confidence, e.job = row.job, e.author = row.author, e.last_seen = $at, e.run = $run,
    e.scope = $assertion
RETURN count(e) AS written
