// Assets that nobody found for long enough are deleted with their columns, where nothing changed them since they were read: what they were
// stays, what was measured goes.
// mode:    write
// params:  rows: list[map], at: str, by: str, run: str
// returns: urns: list[str], deleted: int
// budget:  500 ms
UNWIND $rows AS row
MATCH (d:Asset {urn: row.urn})
WHERE d.version = row.version AND d.status IN ['STALE', 'DEPRECATED']
  AND (d.kind IN ['DATASET', 'COLUMN'] OR NOT EXISTS { (d)-[:CONTAINS]->(c:Asset WHERE c.status <> 'DELETED') })
CALL (d, row) {
  MATCH (d)-[:CONTAINS]->{0,1}(a:Asset)
  WHERE a.status <> 'DELETED' AND (a = d OR a:Column)
  WITH row, $at AS valid, a,
// include: cypher.catalog/_was_known
  SET a.status = 'DELETED', a.status_reason = row.why, a.version = a.version + 1, a.embedding = null, a.embedding_hash = null,
      a.fingerprint = null, a.judged_by = null, a.judged_at = null, a.described_by = null, a.described_at = null, a.row_count = null, a.size_bytes = null, a.sampled_rows = null, a.sampled_nulls = null,
      a.sampled_distinct = null, a.sampled_at = null, a.profile = null, a.table_profile = null
// include: cypher.catalog/_remember_known
  RETURN count(a) AS assets
}
RETURN collect(d.urn) AS urns, sum(assets) AS deleted
