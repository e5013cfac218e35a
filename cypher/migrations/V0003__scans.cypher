// Runs and what they report.
CREATE CONSTRAINT run_id IF NOT EXISTS FOR (r:Run) REQUIRE r.id IS UNIQUE;
CREATE CONSTRAINT run_key IF NOT EXISTS FOR (r:Run) REQUIRE r.key IS UNIQUE;
CREATE RANGE INDEX run_state IF NOT EXISTS FOR (r:Run) ON (r.state);
CREATE RANGE INDEX run_created_at IF NOT EXISTS FOR (r:Run) ON (r.created_at);
CREATE CONSTRAINT problem_id IF NOT EXISTS FOR (p:Problem) REQUIRE p.id IS UNIQUE;
