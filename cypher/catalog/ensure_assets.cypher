// Assets that somebody's lineage mentions and no scan has described yet, or that were deleted: stubs under their parents, parents first.
// mode:    write
// params:  rows: list[map], at: str, by: str, run: str
// returns: created: int
// budget:  300 ms
UNWIND $rows AS row
MERGE (a:Asset {urn: row.urn})
  ON CREATE SET a.key = row.key, a.first_seen = $at, a.last_seen = $at, a.version = 0, a.sensitivity = 0,
                a.own_sensitivity = 0, a.domain = row.domain, a.stub = true, a.status = 'ACTIVE', a.fresh = true,
                a += row.props, a.valid_from = row.valid, a.recorded_by = $by, a.recorded_run = $run
SET a:$(row.label)
WITH a, row, coalesce(a.fresh, false) AS fresh
REMOVE a.fresh
WITH row, fresh, row.valid AS valid, a,
// include: cypher.catalog/_was_known
FOREACH (_ IN CASE WHEN a.status = 'DELETED' THEN [1] ELSE [] END | SET a.status = 'ACTIVE', a.stub = true, a.last_seen = $at)
// include: cypher.catalog/_remember_known
WITH a, row, fresh
CALL (a, row) {
  WITH a, row WHERE row.parent IS NOT NULL AND NOT EXISTS { (:Asset)-[:CONTAINS]->(a) }
  MATCH (p:Asset {urn: row.parent})
  MERGE (p)-[:CONTAINS]->(a)
  SET a.domain = p.domain, a.sensitivity = CASE WHEN p.sensitivity > a.sensitivity THEN p.sensitivity ELSE a.sensitivity END
}
RETURN sum(CASE WHEN fresh THEN 1 ELSE 0 END) AS created
