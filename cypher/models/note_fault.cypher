// That the model in force cannot be used, and why; no row where that is known, or where another one is in force.
// mode:    write
// params:  digest: str, why: str
// returns: number: int
// budget:  50 ms
MATCH (m:ClassificationModel)
WHERE m.status = 'PRESENT' AND m.digest = $digest AND m.fault IS NULL
SET m.fault = $why
RETURN m.number AS number
