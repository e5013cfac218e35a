// Whether a training waits for a worker, or has lost its worker.
// mode:    read
// params:
// returns: waiting: bool
// budget:  30 ms
RETURN EXISTS {
  MATCH (m:ClassificationModel)
  WHERE m.status = 'QUEUED' OR (m.status = 'TRAINING' AND m.until_ms < timestamp())
} AS waiting
