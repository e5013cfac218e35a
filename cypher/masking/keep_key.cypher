// Keep the sealed key of marks; where there is one already, that stays.
// mode:    write
// params:  sealed: str, at: str
// returns: sealed: str
// budget:  30 ms
MERGE (k:MaskingKey {id: 'marks'})
  ON CREATE SET k.sealed = $sealed, k.created_at = $at
RETURN k.sealed AS sealed
