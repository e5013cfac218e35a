// Which datasets' SQL could not be read to the end; null clears it.
// mode:    write
// params:  rows: list[map]
// returns: written: int
// budget:  200 ms
UNWIND $rows AS row
MATCH (d:Asset {urn: row.urn})
SET d.lineage_problem = row.code
RETURN count(d) AS written
