// One shortest way by which a classification came from each origin to each heir: urns of what the reader may see on it, origin first.
// mode:    read
// params:  rows: list[map], carries: list[str], clearance: int, domains: list[str]
// returns: origin: int, heir: int, classification: str, path: list[str], hidden: bool
// budget:  300 ms
UNWIND $rows AS row
MATCH (root:Asset {key: row.origin})
MATCH (hit:Asset {key: row.heir})
WHERE root <> hit AND hit.sensitivity <= $clearance AND ($domains IS NULL OR hit.domain IN $domains)
MATCH (c:Classification {name: row.classification})
CALL (root, hit, c, row) {
  MATCH p = SHORTEST 1 (root)((u)-[e:FEEDS]->(x:Column WHERE
// include: cypher.propagation/_carries
    AND EXISTS { (x)-[i:INHERITS]->(c) WHERE row.origin IN i.origins }))+(hit)
  RETURN nodes(p) AS way
}
WITH row, way, [n IN way WHERE n.sensitivity <= $clearance AND ($domains IS NULL OR n.domain IN $domains)] AS seen
RETURN row.origin AS origin, row.heir AS heir, row.classification AS classification, [n IN seen | n.urn] AS path, size(seen) < size(way) AS hidden
