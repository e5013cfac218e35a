// A stretch of all columns that are fed by columns or inherit something, by key.
// mode:    read
// params:  after: int, first: int
// returns: last: int, keys: list[int]
// budget:  300 ms
CALL () {
  MATCH (a:Asset) WHERE a.key > $after
  RETURN a ORDER BY a.key LIMIT $first
}
WITH collect(a) AS stretch
RETURN stretch[-1].key AS last,
  [a IN stretch WHERE a.kind = 'COLUMN' AND (EXISTS { (a)<-[:FEEDS]-() } OR EXISTS { (a)-[:INHERITS]->() }) | a.key] AS keys
