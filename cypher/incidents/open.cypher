// One incident, unless it is there already.
// mode:    write
// params:  row: map, at: str
// returns: opened: bool
// budget:  100 ms
MATCH (d:Asset {urn: $row.dataset})
MERGE (i:Incident {id: $row.id})
  ON CREATE SET i += $row.props, i.key = $row.key, i.state = 'OPEN', i.opened_at = $at, i.fresh = true
WITH d, i, coalesce(i.fresh, false) AS opened
REMOVE i.fresh
FOREACH (_ IN CASE WHEN opened THEN [1] ELSE [] END | CREATE (i)-[:ABOUT]->(d))
CALL (i, opened) {
  WITH i, opened WHERE opened
  UNWIND $row.touched AS urn
  MATCH (c:Asset {urn: urn})
  CREATE (i)-[:TOUCHES]->(c)
}
CALL (i, opened) {
  WITH i, opened WHERE opened
  UNWIND $row.affected AS each
  MATCH (a:Asset {urn: each.urn})
  CREATE (i)-[:AFFECTS {hops: each.hops}]->(a)
}
RETURN opened
