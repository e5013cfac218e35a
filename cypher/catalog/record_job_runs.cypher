// The latest run of each job, by the time of its event.
// mode:    write
// params:  rows: list[map]
// returns: written: int
// budget:  100 ms
UNWIND $rows AS row
MATCH (j:Asset {urn: row.urn})
WHERE coalesce(j.job_run_at, '') <= row.at
SET j.job_run_id = row.id, j.job_run_state = row.state, j.job_run_at = row.at, j.job_run_error = row.error
RETURN count(j) AS written
