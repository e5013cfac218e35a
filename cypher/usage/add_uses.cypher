// More queries that read assets, by day; assets that nobody described get none.
// mode:    write
// params:  rows: list[map], source: str
// returns: written: int
// budget:  500 ms
UNWIND $rows AS row
MATCH (a:Asset {urn: row.urn})
MERGE (u:UsageDay {id: row.id})
  ON CREATE SET u.source = $source, u.day = row.day, u.queries = 0, u.accounts = [], u.last_used = ''
SET u.queries = u.queries + row.queries,
  u.accounts = ([x IN u.accounts WHERE NOT x IN row.accounts] + row.accounts)[..1000],
  u.last_used = CASE WHEN row.last_used > u.last_used THEN row.last_used ELSE u.last_used END
MERGE (a)-[:USED]->(u)
RETURN count(u) AS written
