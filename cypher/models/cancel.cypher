// Have a training end: at once where it waits, by its worker where it is at work.
// mode:    write
// params:  number: int, at: str
// returns: status: str
// budget:  50 ms
MATCH (m:ClassificationModel {number: $number})
SET m.lock = $at
WITH m, m.status AS status
FOREACH (_ IN CASE status WHEN 'QUEUED' THEN [1] ELSE [] END | SET m.status = 'CANCELLED', m.finished_at = $at)
FOREACH (_ IN CASE status WHEN 'TRAINING' THEN [1] ELSE [] END | SET m.cancelled = true)
RETURN status
