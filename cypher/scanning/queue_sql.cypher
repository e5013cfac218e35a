// SQL that jobs ran, to be read by a worker; a text that was read before, or that ran before it, is not queued again.
// mode:    write
// params:  rows: list[map], at: str
// returns: queued: int
// budget:  200 ms
UNWIND $rows AS row
MATCH (j:Asset {urn: row.job})
WHERE coalesce(j.sql_hash, '') <> row.hash AND coalesce(j.sql_at, '') <= coalesce(row.seen_at, '9999')
SET j.sql_hash = row.hash, j.sql_at = row.seen_at
MERGE (t:SqlTask {id: row.id})
SET t += row, t.at = $at
RETURN count(t) AS queued
