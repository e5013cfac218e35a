// A page of foreign keys that refer to a column, or to a column of a dataset: from <edge> to <node>.
MATCH (<this>)-[:CONTAINS*0..1]->(<node>:Column)<-[:REFERENCES]-(<edge>:Asset)
WHERE <this>.kind IN ['DATASET', 'COLUMN']
  AND <node>.sensitivity <= $clearance AND ($domains IS NULL OR <node>.domain IN $domains)
  AND <edge>.sensitivity <= $clearance AND ($domains IS NULL OR <edge>.domain IN $domains)
  AND ($<page>_key IS NULL OR <node>.urn <behind> $<page>_key[0]
       OR (<node>.urn = $<page>_key[0] AND <edge>.urn <behind> $<page>_key[1]))
WITH <edge>, <node> ORDER BY <node>.urn <order>, <edge>.urn <order> LIMIT $<page>_first
RETURN <row>
