// Breaking versions of schemas that a run made and that have no incident yet, those of datasets that feed most first; how
// many these are, and how many incidents the run has.
// mode:    read
// params:  run: str, first: int
// returns: opened: int, waiting: int, versions: list[map]
// budget:  200 ms
CALL () {
  MATCH (v:SchemaVersion {run: $run}) WHERE v.breaking
  MATCH (d:Asset)-[:HAS_SCHEMA]->(v)
  WITH d, v, EXISTS { (i:Incident)-[:ABOUT]->(d) WHERE i.version = v.number } AS done, COUNT { (d)-[:FEEDS]->() } AS feeds
  ORDER BY feeds DESC, d.urn, v.number
  RETURN sum(CASE WHEN done THEN 1 ELSE 0 END) AS opened,
         collect(CASE WHEN done THEN null ELSE {urn: d.urn, version: v.number, gone: v.gone} END) AS versions
}
RETURN opened, size(versions) AS waiting, versions[..$first] AS versions
