// What a run would change, of columns that the reader may see, in the order of the datasets; `kinds` and `classification` narrow it.
// mode:    read
// ways:    ASC, DESC
// params:  above: str, below: str, kinds: list[str], classification: str, first: int, clearance: int, domains: list[str]
// returns: change: map
// budget:  100 ms
MATCH (c:ReclassificationChange)
WHERE c.id > $above AND c.id < $below
  AND ($kinds IS NULL OR c.kind IN $kinds) AND ($classification IS NULL OR c.classification = $classification)
MATCH (a:Asset {urn: c.urn})
WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
RETURN c {.*, path: a.path} AS change
ORDER BY c.id <way>
LIMIT $first
