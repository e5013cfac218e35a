// Assets that changed, with the columns of those that are datasets and all below others, and the edges that reach them, in
// the form of page; `touched` are the keys of all of them, also of columns that no edge reaches any more.
// mode:    read
// params:  urns: list[str], below: list[str]
// returns: touched: list[int], keys: list[int], urns: list[str], kinds: list[str], sensitivities: list[int], domains: list[str], sources: list[str], parents: list[int], unread: list[bool], ups: list[int], downs: list[int], indirect: list[bool], origins: list[str], transformations: list[list]
// budget:  200 ms
CALL () {
  UNWIND $urns AS urn
  MATCH (t:Asset {urn: urn})
  OPTIONAL MATCH (t)-[:CONTAINS]->(c:Column)
  WITH t, collect(c) AS columns
  UNWIND columns + [t] AS a
  RETURN a
  UNION
  UNWIND $below AS urn
  MATCH (t:Asset {urn: urn})
  MATCH (t)-[:CONTAINS]->{0,4}(a:Asset)
  RETURN a
}
WITH collect(DISTINCT a) AS stretch
CALL (stretch) {
  UNWIND stretch AS a
  WITH a WHERE a.kind <> 'COLUMN' OR EXISTS { (a)-[:FEEDS|INFLUENCES]-() }
// include: cypher.adjacency/_node
}
CALL (stretch) {
  UNWIND stretch AS down
  MATCH (up:Asset)-[e:FEEDS|INFLUENCES]->(down)
// include: cypher.adjacency/_edge
}
RETURN [a IN stretch | a.key] AS touched, keys, urns, kinds, sensitivities, domains, sources, parents, unread, ups, downs, indirect, origins, transformations
