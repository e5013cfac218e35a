// Accounts of a source by name, which administrators alone are told.
// mode:    write
// params:  rows: list[map], source: str
// returns: written: int
// budget:  100 ms
UNWIND $rows AS row
MERGE (p:Account {id: row.id})
SET p.name = row.name, p.source = $source
RETURN count(p) AS written
