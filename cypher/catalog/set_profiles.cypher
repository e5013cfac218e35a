// What a sample told of columns: how many values were looked at, how many were null, how many differed.
// mode:    write
// params:  rows: list[map], at: str
// returns: written: int
// budget:  300 ms
UNWIND $rows AS row
MATCH (a:Asset {urn: row.urn})
SET a.sampled_rows = row.rows, a.sampled_nulls = row.nulls, a.sampled_distinct = row.distinct, a.sampled_at = $at
RETURN count(a) AS written
