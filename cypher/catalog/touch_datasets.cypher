// Datasets that did not change since they were last read: seen again, with their columns.
// mode:    write
// params:  urns: list[str], at: str, run: str
// returns: datasets: int
// budget:  300 ms
UNWIND $urns AS urn
MATCH (d:Asset {urn: urn})
SET d.last_seen = $at, d.run = $run, d.status = 'ACTIVE'
WITH d
CALL (d) {
  MATCH (d)-[:CONTAINS]->(c:Column) WHERE c.status = 'ACTIVE'
  SET c.last_seen = $at
}
RETURN count(d) AS datasets
