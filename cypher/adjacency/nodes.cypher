// Assets by key, in the form of page.
// mode:    read
// params:  keys: list[int]
// returns: keys: list[int], urns: list[str], kinds: list[str], sensitivities: list[int], domains: list[str], sources: list[str], parents: list[int], unread: list[bool]
// budget:  100 ms
CALL () {
  UNWIND $keys AS key
  MATCH (a:Asset {key: key})
// include: cypher.adjacency/_node
}
RETURN keys, urns, kinds, sensitivities, domains, sources, parents, unread
