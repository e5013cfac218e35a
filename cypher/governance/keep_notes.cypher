// What is kept of columns for a model to learn from: words about their values, none of which is one.
// mode:    write
// params:  rows: list[list]
// returns: kept: int
// budget:  300 ms
UNWIND $rows AS row
MATCH (a:Asset {urn: row[0]})
SET a.value_notes = row[1]
RETURN count(a) AS kept
