// The classifications the product knows.
// mode:    write
// params:  rows: list[map]
// returns: written: int
// budget:  100 ms
UNWIND $rows AS row
MERGE (c:Classification {name: row.name})
  ON CREATE SET c.key = row.key
SET c += row.props
RETURN count(c) AS written
