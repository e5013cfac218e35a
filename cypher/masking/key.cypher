// The sealed key of marks; never for an answer.
// mode:    read
// params:
// returns: sealed: str
// budget:  20 ms
MATCH (k:MaskingKey {id: 'marks'})
RETURN k.sealed AS sealed
