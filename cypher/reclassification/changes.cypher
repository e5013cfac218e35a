// What a run would change, of columns that the reader may see, in the order of the datasets; `kinds` and `classification` narrow it.
// mode:    read
// params:  above: str, below: str, backward: bool, kinds: list[str], classification: str, first: int, clearance: int, domains: list[str]
// returns: change: map
// budget:  100 ms
CALL () {
  MATCH (c:ReclassificationChange)
  WHERE c.id > $above AND c.id < $below AND NOT $backward
  RETURN c ORDER BY c.id
  UNION ALL
  MATCH (c:ReclassificationChange)
  WHERE c.id > $above AND c.id < $below AND $backward
  RETURN c ORDER BY c.id DESC
}
MATCH (a:Asset {urn: c.urn})
WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
  AND ($kinds IS NULL OR c.kind IN $kinds) AND ($classification IS NULL OR c.classification = $classification)
RETURN c {.*, path: a.path} AS change
LIMIT $first
