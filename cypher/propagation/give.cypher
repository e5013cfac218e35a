// Columns inherit a classification that they did not: the nearest columns that say so, how far they are and by way of which column.
// mode:    write
// params:  classification: str, rows: list[list], at: str
// returns: given: int
// budget:  500 ms
MATCH (c:Classification {name: $classification})
UNWIND $rows AS row
MATCH (a:Asset {key: row[0]})
CREATE (a)-[:INHERITS {hops: row[1], origins: row[2], via: row[3], confidences: row[4], confidence: row[5], origin: 'PROPAGATED',
  reason: 'inherited over ' + row[1][0] + CASE row[1][0] WHEN 1 THEN ' hop' ELSE ' hops' END + ' of lineage', status: 'SUGGESTED', tier: 1, valid_from: $at, recorded_at: $at, last_seen: $at}]->(c)
RETURN count(*) AS given
