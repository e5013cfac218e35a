// Delegations, newest first: of everybody where `party` is null, else those that it gave or holds; a key is [created_at, id].
// mode:    read
// params:  party: str, at: str, key: list[str], backward: bool, first: int
// returns: delegation: map
// budget:  50 ms
MATCH (d:ApprovalDelegation)
WHERE d.id >= '' AND ($party IS NULL OR d.giver = $party OR d.holder = $party)
  AND ($at IS NULL OR (d.revoked_at IS NULL AND d.ends_at > $at))
  AND CASE
    WHEN $key IS NULL THEN true
    WHEN $backward THEN d.created_at > $key[0] OR (d.created_at = $key[0] AND d.id > $key[1])
    ELSE d.created_at < $key[0] OR (d.created_at = $key[0] AND d.id < $key[1]) END
WITH d ORDER BY d.created_at DESC, d.id DESC
WITH collect(d) AS found
UNWIND (CASE WHEN $backward THEN reverse(found) ELSE found END)[..$first] AS d
RETURN properties(d) AS delegation
