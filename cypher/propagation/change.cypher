// Columns inherit a classification for other reasons than before, which are kept; another confidence alone is no other reason.
// mode:    write
// params:  classification: str, rows: list[list], at: str
// returns: changed: int
// budget:  500 ms
MATCH (c:Classification {name: $classification})
UNWIND $rows AS row
MATCH (a:Asset {key: row[0]})
CALL (a, c) {
  MATCH (a)-[i:INHERITS]->(c)
  RETURN i
}
WITH a, c, row, i, [i.hops, i.origins, i.via] <> row[1..4] AS other
FOREACH (_ IN CASE WHEN other THEN [1] ELSE [] END |
  CREATE (a)-[past:WAS_INHERITS]->(c)
  SET past = properties(i), past.closed_at = $at, past.valid_to = $at, i.valid_from = $at, i.recorded_at = $at)
SET i.hops = row[1], i.origins = row[2], i.via = row[3], i.confidences = row[4], i.confidence = row[5],
    i.reason = 'inherited over ' + row[1][0] + CASE row[1][0] WHEN 1 THEN ' hop' ELSE ' hops' END + ' of lineage', i.last_seen = $at
RETURN count(i) AS changed
