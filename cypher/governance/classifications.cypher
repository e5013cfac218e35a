// The classifications the product knows, by name.
// mode:    read
// params:  key: str, backward: bool, first: int
// returns: classification: map
// budget:  30 ms
MATCH (c:Classification)
WHERE CASE WHEN $key IS NULL THEN true WHEN $backward THEN c.name < $key ELSE c.name > $key END
WITH c ORDER BY c.name
WITH collect(c {.key, .name, .title, .description, .category, .sensitivity, .version, .purposes}) AS found
UNWIND (CASE WHEN $backward THEN reverse(found) ELSE found END)[..$first] AS classification
RETURN classification
