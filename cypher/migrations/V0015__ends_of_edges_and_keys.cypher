// Foreign keys that a source has no more, by the run that found them gone.
CREATE RANGE INDEX was_references_closed_run IF NOT EXISTS FOR ()-[r:WAS_REFERENCES]-() ON (r.closed_run);
// When statements last moved what an edge says, of edges that logs assert: those are few, and end by themselves.
CREATE RANGE INDEX feeds_used_at IF NOT EXISTS FOR ()-[e:FEEDS]-() ON (e.used_at);
CREATE RANGE INDEX influences_used_at IF NOT EXISTS FOR ()-[e:INFLUENCES]-() ON (e.used_at);
MATCH ()-[e:FEEDS|INFLUENCES]->() WHERE e.origin = 'QUERY_LOG' AND e.used_at IS NULL
CALL (e) { SET e.used_at = e.last_seen } IN TRANSACTIONS OF 5000 ROWS;
