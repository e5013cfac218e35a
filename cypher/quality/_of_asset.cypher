// Data tests `t` of `top`, and where asked for of its columns, with the urns of what of that they test.
// params:  columns: bool, clearance: int, domains: list[str]
  CALL (top) {
    RETURN top AS a
    UNION ALL
    WITH top WHERE $columns
    MATCH (top)-[:CONTAINS]->(a:Column)
    WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
    RETURN a
  }
  MATCH (a)<-[:TESTS]-(t:DataTest)
  WHERE t.sensitivity <= $clearance AND ($domains IS NULL OR t.domain IN $domains)
