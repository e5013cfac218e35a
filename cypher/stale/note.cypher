// Assets get another status or keep theirs, with a word on why, where nothing changed them since they were read; their columns with them.
// mode:    write
// params:  rows: list[map], at: str, by: str, run: str
// returns: noted: int
// budget:  400 ms
UNWIND $rows AS row
MATCH (d:Asset {urn: row.urn})
WHERE d.version = row.version AND d.status IN ['STALE', 'DEPRECATED']
CALL (d, row) {
  MATCH (d)-[:CONTAINS]->{0,1}(a:Asset)
  WHERE a.status IN ['STALE', 'DEPRECATED'] AND (a = d OR a:Column)
  WITH row, $at AS valid, a,
// include: cypher.catalog/_was_known
  SET a.status = row.status, a.status_reason = row.why
// include: cypher.catalog/_remember_known
  RETURN count(a) AS assets
}
RETURN sum(assets) AS noted
