// What has yet to be looked at, the oldest first.
// mode:    read
// params:  first: int
// returns: id: str, keys: list[int], whole: bool, levels: bool, at: str
// budget:  50 ms
MATCH (m:PropagationMark)
WHERE m.id >= ''
RETURN m.id AS id, m.keys AS keys, m.whole AS whole, coalesce(m.levels, false) AS levels, m.at AS at
ORDER BY m.at, m.id LIMIT $first
