// The classifications the product knows, by name, narrowed to what is asked for.
// mode:    read
// params:  key: str, backward: bool, first: int, filter: map
// returns: classification: map
// budget:  30 ms
MATCH (c:Classification)
WHERE NOT coalesce(c.deleted, false)
  AND CASE WHEN $key IS NULL THEN true WHEN $backward THEN c.name < $key ELSE c.name > $key END
  AND ($filter.category IS NULL OR c.category = $filter.category)
  AND ($filter.regulation IS NULL OR $filter.regulation IN c.regulations)
  AND ($filter.at_least IS NULL OR c.sensitivity >= $filter.at_least)
  AND ($filter.at_most IS NULL OR c.sensitivity <= $filter.at_most)
  AND ($filter.under IS NULL OR $filter.under IN c.wider)
  AND ($filter.built_in IS NULL OR c.built_in = $filter.built_in)
  AND ($filter.enabled IS NULL OR c.enabled = $filter.enabled)
  AND ($filter.text IS NULL OR toLower(c.name) CONTAINS $filter.text OR toLower(c.title) CONTAINS $filter.text
       OR toLower(c.description) CONTAINS $filter.text)
WITH c ORDER BY c.name
WITH collect(c {.*}) AS found
UNWIND (CASE WHEN $backward THEN reverse(found) ELSE found END)[..$first] AS classification
RETURN classification
