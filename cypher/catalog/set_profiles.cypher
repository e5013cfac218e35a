// What a sample told of columns and tables: how many values were looked at, how many were null, how many differed; all else as JSON.
// mode:    write
// params:  rows: list[map], at: str, shown: int
// returns: written: int
// budget:  300 ms
UNWIND $rows AS row
MATCH (a:Asset {urn: row.urn})
SET a.sampled_rows = row.rows, a.sampled_nulls = row.nulls, a.sampled_distinct = row.distinct, a.sampled_at = $at,
  a.table_profile = row.table,
  a.profile = CASE WHEN coalesce(a.sensitivity, 0) <= $shown THEN row.profile ELSE row.silent END
RETURN count(a) AS written
