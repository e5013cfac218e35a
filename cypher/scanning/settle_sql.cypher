// SQL that was read; what was queued anew meanwhile stays.
// mode:    write
// params:  rows: list[map]
// returns: settled: int
// budget:  100 ms
UNWIND $rows AS row
MATCH (t:SqlTask {id: row.id})
WHERE t.at = row.at
DELETE t
RETURN count(*) AS settled
