// Of suggestions those in what was asked for, which is looked for upwards; follows a WHERE on `a`.
// params:  under: str
  AND ($under IS NULL OR $under IN COLLECT { MATCH (h)-[:CONTAINS*0..5]->(a) RETURN h.urn })
