// Profiles without the values that they held.
// mode:    write
// params:  rows: list[map]
// returns: silenced: int
// budget:  200 ms
UNWIND $rows AS row
MATCH (a:Asset {urn: row.urn})
SET a.profile = row.profile
RETURN count(a) AS silenced
