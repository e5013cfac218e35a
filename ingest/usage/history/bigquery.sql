-- Needs the role BigQuery Resource Viewer on the project. Put the region of the datasets in place of region-us.
SELECT
  FORMAT_TIMESTAMP('%Y-%m-%dT%H:%M:%SZ', creation_time) AS `timestamp`,
  query AS `sql`,
  user_email AS `user`,
  project_id AS `database`,
  '' AS `schema`
FROM `region-us`.INFORMATION_SCHEMA.JOBS_BY_PROJECT
WHERE job_type = 'QUERY'
  AND state = 'DONE'
  AND error_result IS NULL
  AND statement_type IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE', 'MERGE', 'CREATE_TABLE_AS_SELECT')
  AND creation_time >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 30 DAY)
ORDER BY creation_time
