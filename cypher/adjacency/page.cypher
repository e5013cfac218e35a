// A stretch of all assets by urn: those that walks may meet, as columns of equal length, and the edges that leave them.
// `last` is where the stretch ends, null behind the last asset; 0 stands for no parent.
// mode:    read
// params:  after: str, first: int
// returns: last: str, keys: list[int], urns: list[str], kinds: list[str], sensitivities: list[int], domains: list[str], sources: list[str], parents: list[int], unread: list[bool], ups: list[int], downs: list[int], indirect: list[bool], origins: list[str], transformations: list[list]
// budget:  400 ms
CALL () {
  MATCH (a:Asset) WHERE a.urn > $after
  WITH a ORDER BY a.urn LIMIT $first
  RETURN collect(a) AS stretch
}
CALL (stretch) {
  UNWIND stretch AS a
  WITH a WHERE a.kind <> 'COLUMN' OR EXISTS { (a)-[:FEEDS|INFLUENCES]-() }
// include: cypher.adjacency/_node
}
CALL (stretch) {
  UNWIND stretch AS up
  MATCH (up)-[e:FEEDS|INFLUENCES]->(down:Asset)
// include: cypher.adjacency/_edge
}
RETURN stretch[-1].urn AS last, keys, urns, kinds, sensitivities, domains, sources, parents, unread,
       ups, downs, indirect, origins, transformations
