// What is said of deleted assets and of their columns ends now: edges and verdicts are kept with their interval, foreign keys have none.
// `marked` are the columns among them, and those that they fed.
// mode:    write
// params:  urns: list[str], at: str, run: str
// returns: downs: list[str], marked: list[int]
// budget:  500 ms
CALL () {
  UNWIND $urns AS urn
  MATCH (d:Asset {urn: urn})-[:CONTAINS]->{0,1}(a:Asset {status: 'DELETED'})
  RETURN collect(DISTINCT a) AS gone
}
CALL (gone) {
  UNWIND gone AS a
  MATCH (a)-[e:FEEDS|INFLUENCES]-(:Asset)
  WITH DISTINCT e, startNode(e) AS up, endNode(e) AS down
  CREATE (up)-[f:FED]->(down)
  SET f = properties(e), f.type = type(e), f.closed_at = $at, f.closed_run = $run, f.valid_to = $at
  DELETE e
  RETURN collect(DISTINCT down.urn) AS downs, collect(DISTINCT CASE WHEN down:Column THEN down.key END) AS fed
}
CALL (gone) {
  UNWIND gone AS a
  MATCH (a)-[v:CLASSIFIED_AS]->(c:Classification)
  CREATE (a)-[past:WAS_CLASSIFIED_AS]->(c)
  SET past = properties(v), past.closed_at = $at, past.closed_run = $run, past.valid_to = $at
  DELETE v
}
CALL (gone) {
  UNWIND gone AS a
  SET a.says = null, a.says_sure = null, a.refuses = null
}
CALL (gone) {
  UNWIND gone AS a
  MATCH (a)-[r:REFERENCES]-(:Asset)
  WITH DISTINCT r
  DELETE r
}
RETURN downs, fed + [a IN gone WHERE a:Column | a.key] AS marked
