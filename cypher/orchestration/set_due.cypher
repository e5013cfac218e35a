// When a source is due next; nothing where somebody else has moved it meanwhile.
// mode:    write
// params:  source: str, due_ms: int, props: map
// returns: urn: str
// budget:  50 ms
MATCH (s:Asset {urn: $source})
SET s.lock = 'due'
WITH s
WHERE s.next_due_ms = $due_ms
SET s += $props
RETURN s.urn AS urn
