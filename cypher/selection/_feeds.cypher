// A page of assets that an asset feeds directly, by urn, with the edges to each.
MATCH (<this>)-[<edge>:FEEDS|INFLUENCES]->(<node>:Asset)
WHERE <node>.sensitivity <= $clearance AND ($domains IS NULL OR <node>.domain IN $domains)
  AND ($<page>_indirect OR type(<edge>) = 'FEEDS')
  AND ($<page>_key IS NULL OR <node>.urn <behind> $<page>_key)
WITH <node>, collect(<edge>) AS <edge>s ORDER BY <node>.urn <order> LIMIT $<page>_first
RETURN <row>
