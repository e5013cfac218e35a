// A page of what an asset contains: columns by position, all else by urn.
MATCH (<this>)-[:CONTAINS]->(<node>:Asset)
WHERE <this>.kind <> 'COLUMN' AND <node>.sensitivity <= $clearance AND ($domains IS NULL OR <node>.domain IN $domains)
  AND ($<page>_kind IS NULL OR <node>.kind = $<page>_kind) AND (<node>.status = 'ACTIVE' OR ($<page>_stale AND <node>.status <> 'DELETED'))
  AND ($<page>_key IS NULL OR coalesce(<node>.ordinal, 0) <behind> $<page>_key[0]
       OR (coalesce(<node>.ordinal, 0) = $<page>_key[0] AND <node>.urn <behind> $<page>_key[1]))
WITH <node> ORDER BY coalesce(<node>.ordinal, 0) <order>, <node>.urn <order> LIMIT $<page>_first
RETURN <row>
