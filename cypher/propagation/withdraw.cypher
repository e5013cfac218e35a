// Columns inherit a classification no more; that they did is kept.
// mode:    write
// params:  classification: str, keys: list[int], at: str
// returns: withdrawn: int
// budget:  500 ms
MATCH (c:Classification {name: $classification})
UNWIND $keys AS key
MATCH (a:Asset {key: key})
CALL (a, c) {
  MATCH (a)-[i:INHERITS]->(c)
  RETURN i
}
CREATE (a)-[past:WAS_INHERITS]->(c)
SET past = properties(i), past.closed_at = $at, past.valid_to = $at
DELETE i
RETURN count(*) AS withdrawn
