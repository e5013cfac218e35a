// One worker at a time does the job: who has it, or takes it where nobody has, keeps it for a while, by the clock of the server.
// mode:    write
// params:  holder: str, lease_ms: int
// returns: held: bool, rules: str, whole: bool
// budget:  30 ms
MERGE (p:Propagation {id: 'columns'})
SET p.lock = $holder
WITH p, coalesce(p.until_ms, 0) < timestamp() OR p.holder = $holder AS held
FOREACH (_ IN CASE WHEN held THEN [1] ELSE [] END | SET p.holder = $holder, p.until_ms = timestamp() + $lease_ms)
RETURN held, p.rules AS rules, coalesce(p.whole, false) AS whole
