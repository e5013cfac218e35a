// Assets that get back what they were, as of now, where nothing changed them since they were read; the next scan of their datasets
// looks at them again, and at their vectors.
// mode:    write
// params:  rows: list[map], at: str, by: str, run: str
// returns: restored: int
// budget:  500 ms
UNWIND $rows AS row
MATCH (a:Asset {urn: row.urn})
WHERE coalesce(a.recorded_at, a.first_seen) = row.since
WITH row, $at AS valid, a,
// include: cypher.catalog/_was_known
SET a += row.props, a.version = a.version + 1, a.embedding_hash = null,
    a.stale_since = CASE WHEN was.status = 'ACTIVE' THEN $at ELSE a.stale_since END, a.status_reason = null
// include: cypher.catalog/_remember_known
WITH a
CALL (a) {
  MATCH (d:Asset)-[:CONTAINS]->{0,1}(a)
  WHERE d.fingerprint IS NOT NULL
  SET d.fingerprint = ''
}
RETURN count(a) AS restored
