// Tags on assets the reader may see, by name, with how many of those carry each.
// mode:    read
// params:  key: str, backward: bool, first: int, clearance: int, domains: list[str]
// returns: tag: map, assets: int
// budget:  100 ms
MATCH (t:Tag)<-[:TAGGED]-(a:Asset)
WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
  AND CASE WHEN $key IS NULL THEN true WHEN $backward THEN t.name < $key ELSE t.name > $key END
WITH t, count(a) AS assets ORDER BY t.name
WITH collect({tag: t {.key, .name, .description}, assets: assets}) AS found
UNWIND (CASE WHEN $backward THEN reverse(found) ELSE found END)[..$first] AS row
RETURN row.tag AS tag, row.assets AS assets
