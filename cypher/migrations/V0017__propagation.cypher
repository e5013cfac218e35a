// What columns inherit along lineage: what stops it, what has yet to be looked at, and where its job stands.
CREATE CONSTRAINT propagation_block_id IF NOT EXISTS FOR (b:PropagationBlock) REQUIRE b.id IS UNIQUE;
CREATE CONSTRAINT propagation_mark_id IF NOT EXISTS FOR (m:PropagationMark) REQUIRE m.id IS UNIQUE;
CREATE CONSTRAINT propagation_id IF NOT EXISTS FOR (p:Propagation) REQUIRE p.id IS UNIQUE;
// What each column says and what people rejected there, beside it, so that a walk over many columns need not look at verdicts.
MATCH (a:Column) WHERE EXISTS { (a)-[:CLASSIFIED_AS]->() }
CALL (a) {
  MATCH (a)-[v:CLASSIFIED_AS]->(c)
  WITH a, v, c ORDER BY c.name
  WITH a, collect(CASE WHEN v.status <> 'REJECTED' THEN c.name END) AS says,
       collect(CASE WHEN v.status = 'CONFIRMED' THEN 1.0 WHEN v.status <> 'REJECTED' THEN round(coalesce(v.confidence, 0.0), 2) END) AS sure,
       collect(CASE WHEN v.status = 'REJECTED' THEN c.name END) AS refuses
  SET a.says = says, a.says_sure = sure, a.refuses = refuses
} IN TRANSACTIONS OF 5000 ROWS;
MERGE (p:Propagation {id: 'columns'}) SET p.whole = true;
