// Tags and owners that a source itself declares: added, never taken away from what people set.
// mode:    write
// params:  tags: list[map], owners: list[map], by: str, at: str, run: str
// returns: written: int
// budget:  300 ms
CALL () {
  UNWIND $tags AS row
  MERGE (t:Tag {name: row.name}) ON CREATE SET t.key = row.key
  WITH t, row
  MATCH (a:Asset {urn: row.urn})
  MERGE (a)-[r:TAGGED]->(t) ON CREATE SET r.by = $by, r.at = $at, r.recorded_run = $run
  RETURN count(*) AS tagged
}
CALL () {
  UNWIND $owners AS row
  MERGE (p:Person {name: row.name}) ON CREATE SET p.key = row.key
  WITH p, row
  MATCH (a:Asset {urn: row.urn})
  MERGE (p)-[r:OWNS]->(a) ON CREATE SET r.by = $by, r.at = $at, r.recorded_run = $run
  RETURN count(*) AS owned
}
RETURN tagged + owned AS written
