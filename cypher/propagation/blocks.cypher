// What must not be inherited where, the newest first; of a place that the reader may not see nothing is told. A key is [at, id].
// mode:    read
// params:  key: list[str], backward: bool, first: int, clearance: int, domains: list[str]
// returns: block: map
// budget:  50 ms
MATCH (b:PropagationBlock)
WHERE b.id >= '' AND CASE
    WHEN $key IS NULL THEN true
    WHEN $backward THEN b.at > $key[0] OR (b.at = $key[0] AND b.id > $key[1])
    ELSE b.at < $key[0] OR (b.at = $key[0] AND b.id < $key[1]) END
OPTIONAL MATCH (a:Asset {urn: b.under})
WITH b, a
WHERE b.under IS NULL OR (a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains))
WITH b ORDER BY b.at DESC, b.id DESC
WITH collect(b) AS found
UNWIND (CASE WHEN $backward THEN reverse(found) ELSE found END)[..$first] AS b
RETURN properties(b) AS block
