// Keep the training for a while longer; whether somebody cancelled it. No row where another worker has it.
// mode:    write
// params:  number: int, holder: str, lease_ms: int
// returns: cancelled: bool
// budget:  50 ms
MATCH (m:ClassificationModel {number: $number})
SET m.lock = $holder
WITH m WHERE m.holder = $holder AND m.status = 'TRAINING'
SET m.until_ms = timestamp() + $lease_ms
RETURN coalesce(m.cancelled, false) AS cancelled
