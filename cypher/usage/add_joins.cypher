// More queries that set two columns equal, by day; the pair is in the order of its urns.
// mode:    write
// params:  rows: list[map], source: str
// returns: written: int
// budget:  500 ms
UNWIND $rows AS row
MATCH (a:Asset {urn: row.one})
MATCH (b:Asset {urn: row.other})
MERGE (a)-[j:JOINED_WITH {source: $source, day: row.day}]->(b)
  ON CREATE SET j.queries = 0
SET j.queries = j.queries + row.queries
RETURN count(j) AS written
