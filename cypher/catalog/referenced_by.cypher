// Foreign keys that refer to these columns, or to columns of these datasets; a key is [urn of the own column, urn of the other].
// mode:    read
// params:  urns: list[str], key: list, backward: bool, first: int, clearance: int, domains: list[str]
// returns: urn: str, pairs: list[list]
// budget:  60 ms
UNWIND $urns AS urn
MATCH (root:Asset {urn: urn})
CALL (root) {
  MATCH (root)-[:CONTAINS*0..1]->(c:Column)<-[:REFERENCES]-(a:Asset)
  WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
    AND c.sensitivity <= $clearance AND ($domains IS NULL OR c.domain IN $domains)
    AND CASE
      WHEN $key IS NULL THEN true
      WHEN $backward THEN c.urn < $key[0] OR (c.urn = $key[0] AND a.urn < $key[1])
      ELSE c.urn > $key[0] OR (c.urn = $key[0] AND a.urn > $key[1]) END
  WITH c, a ORDER BY c.urn, a.urn
  WITH collect([c.urn, a.urn]) AS found
  RETURN (CASE WHEN $backward THEN reverse(found) ELSE found END)[..$first] AS pairs
}
RETURN urn, pairs
