// What a worker may choose from, seen by one worker at a time: the head of each band's queue, how many tasks run by source, how far each band
// has come, the tasks whose worker let its lease end, what this worker holds, and which worker that lives takes nothing new to make room for a
// suspect. Tasks that were put aside until now come back first, and the suspect for the worker that makes room. All times are the server's.
// mode:    write
// params:  worker: str, bands: list[str], first: int, day: str, lease_ms: int
// returns: now: int, passes: list[float], candidates: list[map], running: list[map], lost: list[map], taker: map, room: map, limits: str, used_ms: int, used_rows: int, kinds: list[map]
// budget:  50 ms
MERGE (d:Dispatcher {id: 'dispatch'})
SET d.lock = $worker
WITH d, datetime.realtime().epochMillis AS now
CALL (d, now) {
  MATCH (t:RunTask {id: d.room[1]})
  WHERE d.room[0] = $worker AND t.held = 'SUSPECT' AND NOT EXISTS {
    MATCH (own:RunTask)
    WHERE own.lease_until >= now AND own.worker = $worker }
  SET t.retry_at = now
  RETURN count(*) AS wanted
}
CALL (now) {
  MATCH (t:RunTask)
  WHERE t.retry_at <= now
  WITH t ORDER BY t.retry_at LIMIT 1000
  SET t.slot_ms = coalesce(t.slot_ms, 0) + CASE t.held WHEN 'SOURCE_BUSY' THEN now - t.parked_at ELSE 0 END, t.queue = t.place, t.state = 'READY', t.retry_at = null, t.held = null
  RETURN count(*) AS back
}
CALL (now) {
  MATCH (t:RunTask)
  WHERE t.lease_until < now AND t.state = 'RUNNING'
  RETURN collect(t {.id, .attempt, .worker}) AS lost
}
CALL (now) {
  MATCH (t:RunTask)
  WHERE t.lease_until >= now
  WITH t.source AS source, count(*) AS tasks, count(CASE WHEN t.worker = $worker THEN 1 END) AS mine,
       count(CASE WHEN t.worker = $worker AND t.suspect THEN 1 END) AS suspects
  RETURN collect({source: source, tasks: tasks}) AS running, {name: $worker, holds: sum(mine), suspects: sum(suspects)} AS taker
}
CALL (now) {
  UNWIND $bands AS band
  CALL (band) {
    MATCH (t:RunTask)
    WHERE t.queue STARTS WITH band
    RETURN t
    ORDER BY t.queue
    LIMIT $first
  }
  MATCH (t)<-[:HAS_TASK]-(r:Run)-[:SCANS]->(s:Asset)
  RETURN collect({id: t.id, band: band, source: s.urn, limit: coalesce(s.most_tasks, 2), connector: s.connector, reads: t.reads,
                  waited_ms: now - t.ready_ms, suspect: coalesce(t.suspect, false), plan: s.plan, breaker: s.breaker, used_day: s.used_day, used_ms: s.used_ms,
                  used_rows: s.used_rows,
                  awaited: r.started_at IS NULL AND EXISTS {
                    UNWIND s.after AS urn
                    MATCH (before:Asset {urn: urn})<-[:SCANS]-(other:Run)
                    WHERE other.state IN ['QUEUED', 'RUNNING'] }}) AS candidates
}
CALL (d) {
  WITH d WHERE d.limits IS NOT NULL
  MATCH (s:Source)
  WHERE s.used_day = $day
  RETURN coalesce(sum(s.used_ms), 0) AS used_ms, coalesce(sum(s.used_rows), 0) AS used_rows
}
CALL (d, now) {
  WITH d, now WHERE d.limits IS NOT NULL
  MATCH (t:RunTask)
  WHERE t.lease_until >= now AND t.reads
  MATCH (s:Asset {urn: t.source})
  WITH s.connector AS kind, count(*) AS tasks
  RETURN collect({kind: kind, tasks: tasks}) AS kinds
}
CALL (d, now) {
  MATCH (t:RunTask {id: d.room[1]})
  WHERE t.state IN ['READY', 'PARKED'] OR (t.state = 'RUNNING' AND t.worker = d.room[0])
  WITH d, now
  WHERE d.room[0] = $worker OR EXISTS {
    MATCH (w:Worker {id: d.room[0]})
    WHERE w.lost_ms IS NULL AND w.seen_ms > now - $lease_ms }
  RETURN collect({worker: d.room[0], task: d.room[1], until_ms: d.room_until}) AS rooms
}
RETURN now, d.passes AS passes, candidates, running, lost, taker, rooms[0] AS room, d.limits AS limits, used_ms, used_rows, kinds
