// The rules of masking that were set in place of those that ship.
// mode:    read
// params:
// returns: rule: map
// budget:  20 ms
MATCH (m:MaskingRule)
WHERE m.id >= ''
RETURN properties(m) AS rule
ORDER BY m.id
