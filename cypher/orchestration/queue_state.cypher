// What waits and who works: tasks by band that are ready, put aside (by reason) and running, how long the first of each waits, and the workers
// heard of within a time.
// mode:    read
// params:  bands: list[str], alive_ms: int
// returns: ready: list[map], parked: list[map], running: int, lost: int, workers: list[map]
// budget:  50 ms
WITH datetime.realtime().epochMillis AS now
CALL (now) {
  UNWIND $bands AS band
  CALL (band, now) {
    MATCH (t:RunTask)
    WHERE t.queue STARTS WITH band
    RETURN count(*) AS tasks, max(now - t.ready_ms) AS longest_ms
  }
  RETURN collect({band: band, tasks: tasks, longest_ms: coalesce(longest_ms, 0)}) AS ready
}
CALL (now) {
  MATCH (t:RunTask {state: 'PARKED'})
  WITH coalesce(t.held, 'RETRY') AS held, count(*) AS tasks, min(t.retry_at) - now AS next_ms
  RETURN collect({held: held, tasks: tasks, next_ms: next_ms}) AS parked
}
CALL (now) {
  MATCH (t:RunTask)
  WHERE t.lease_until > 0
  RETURN count(CASE WHEN t.lease_until >= now THEN 1 END) AS running, count(CASE WHEN t.lease_until < now THEN 1 END) AS lost
}
CALL (now) {
  MATCH (w:Worker)
  WHERE w.seen_ms >= now - $alive_ms
  RETURN collect({id: w.id, slots: w.slots, busy: w.busy, extras: w.extras, quiet_ms: now - w.seen_ms}) AS workers
}
RETURN ready, parked, running, lost, workers
