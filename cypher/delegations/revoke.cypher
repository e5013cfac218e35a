// End a delegation at once, where the one who gave it asks, or anybody where `giver` is null; the first end stays.
// mode:    write
// params:  id: str, giver: str, at: str, by: str
// returns: id: str
// budget:  50 ms
MATCH (d:ApprovalDelegation {id: $id})
WHERE $giver IS NULL OR d.giver = $giver
SET d.revoked_by = CASE WHEN d.revoked_at IS NULL THEN $by ELSE d.revoked_by END, d.revoked_at = coalesce(d.revoked_at, $at)
RETURN d.id AS id
