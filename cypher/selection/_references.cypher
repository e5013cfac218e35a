// A page of foreign keys of a column, or of the columns of a dataset: from <edge> to <node>.
MATCH (<this>)-[:CONTAINS*0..1]->(<edge>:Column)-[:REFERENCES]->(<node>:Asset)
WHERE <this>.kind IN ['DATASET', 'COLUMN']
  AND <node>.sensitivity <= $clearance AND ($domains IS NULL OR <node>.domain IN $domains)
  AND <edge>.sensitivity <= $clearance AND ($domains IS NULL OR <edge>.domain IN $domains)
  AND ($<page>_key IS NULL OR <edge>.urn <behind> $<page>_key[0]
       OR (<edge>.urn = $<page>_key[0] AND <node>.urn <behind> $<page>_key[1]))
WITH <edge>, <node> ORDER BY <edge>.urn <order>, <node>.urn <order> LIMIT $<page>_first
RETURN <row>
