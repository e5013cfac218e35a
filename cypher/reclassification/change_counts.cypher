// How many columns that the reader may see a run would give which classification, take it from, or change it of.
// mode:    read
// params:  above: str, below: str, clearance: int, domains: list[str]
// returns: classification: str, kind: str, columns: int
// budget:  200 ms
MATCH (c:ReclassificationChange)
WHERE c.id > $above AND c.id < $below
MATCH (a:Asset {urn: c.urn})
WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
RETURN c.classification AS classification, c.kind AS kind, count(*) AS columns
ORDER BY classification, kind
