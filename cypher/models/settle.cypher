// How a training ended. No row where another worker has it, or somebody cancelled it and it is to end otherwise.
// mode:    write
// params:  number: int, holder: str, props: map
// returns: number: int
// budget:  50 ms
MATCH (m:ClassificationModel {number: $number})
SET m.lock = $holder
WITH m WHERE m.holder = $holder AND m.status = 'TRAINING'
  AND ($props.status = 'CANCELLED' OR NOT coalesce(m.cancelled, false))
SET m += $props, m.holder = null, m.until_ms = null
RETURN m.number AS number
