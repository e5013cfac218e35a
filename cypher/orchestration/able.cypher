// Which kinds of sources the workers that live can open, together.
// mode:    read
// params:  alive_ms: int
// returns: kinds: list[str]
// budget:  20 ms
MATCH (w:Worker)
WHERE w.seen_ms >= datetime.realtime().epochMillis - $alive_ms
UNWIND w.extras AS kind
RETURN collect(DISTINCT kind) AS kinds
