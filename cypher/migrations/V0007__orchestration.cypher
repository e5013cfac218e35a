// Tasks of runs: by place in the queue, by the time they come back, by the end of their lease; only tasks that have one are in each index.
CREATE CONSTRAINT run_task_id IF NOT EXISTS FOR (t:RunTask) REQUIRE t.id IS UNIQUE;
CREATE RANGE INDEX run_task_queue IF NOT EXISTS FOR (t:RunTask) ON (t.queue);
CREATE RANGE INDEX run_task_retry_at IF NOT EXISTS FOR (t:RunTask) ON (t.retry_at);
CREATE RANGE INDEX run_task_lease_until IF NOT EXISTS FOR (t:RunTask) ON (t.lease_until);
CREATE RANGE INDEX run_task_state IF NOT EXISTS FOR (t:RunTask) ON (t.state);
CREATE RANGE INDEX run_task_source_held IF NOT EXISTS FOR (t:RunTask) ON (t.source, t.held);
CREATE CONSTRAINT run_stage_id IF NOT EXISTS FOR (s:RunStage) REQUIRE s.id IS UNIQUE;
CREATE CONSTRAINT run_attempt_id IF NOT EXISTS FOR (a:RunAttempt) REQUIRE a.id IS UNIQUE;
CREATE CONSTRAINT run_chunk_id IF NOT EXISTS FOR (c:RunChunk) REQUIRE c.id IS UNIQUE;
CREATE CONSTRAINT workflow_digest IF NOT EXISTS FOR (w:Workflow) REQUIRE w.digest IS UNIQUE;
CREATE CONSTRAINT worker_id IF NOT EXISTS FOR (w:Worker) REQUIRE w.id IS UNIQUE;
CREATE CONSTRAINT dispatcher_id IF NOT EXISTS FOR (d:Dispatcher) REQUIRE d.id IS UNIQUE;
// Sources by when they are due; only those with a schedule are in the index.
CREATE RANGE INDEX source_next_due_ms IF NOT EXISTS FOR (s:Source) ON (s.next_due_ms);
