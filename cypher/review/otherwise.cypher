// The levels that assets would have of their own without one of their verdicts each, and with it.
// mode:    read
// params:  rows: list[map], clearance: int, domains: list[str]
// returns: n: int, without: int, with_it: int
// budget:  60 ms
UNWIND $rows AS row
MATCH (a:Asset {urn: row.urn})
WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
CALL (a, row) {
  MATCH (a)-[v:CLASSIFIED_AS]->(c:Classification)
  WHERE v.status <> 'REJECTED' OR c.name = row.classification
  RETURN coalesce(max(CASE WHEN c.name <> row.classification THEN c.sensitivity END), 0) AS without,
    coalesce(max(c.sensitivity), 0) AS with_it
}
RETURN row.n AS n, without, with_it
