// How many assets a list over kinds has, counted up to a bound.
// mode:    read
// params:  kinds: list[str], key: str, filter: map, bound: int, clearance: int, domains: list[str]
// returns: total: int
// budget:  100 ms
CALL () {
  UNWIND CASE WHEN $filter.source IS NULL THEN $kinds ELSE [] END AS kind
  CALL (kind) {
    MATCH (a:Asset) WHERE a.kind = kind AND a.urn > $key
    RETURN a ORDER BY a.kind, a.urn
  }
  RETURN a
  UNION ALL
  UNWIND CASE WHEN $filter.source IS NULL THEN [] ELSE $kinds END AS kind
  CALL (kind) {
    MATCH (a:Asset) WHERE a.source = $filter.source AND a.kind = kind AND a.urn > $key
    RETURN a ORDER BY a.source, a.kind, a.urn
  }
  RETURN a
}
WITH a
WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
// include: cypher.catalog/_filter
WITH a LIMIT $bound
RETURN count(a) AS total
