-- Needs SYSLOG ACCESS UNRESTRICTED to see the queries of others. The view keeps 4,000 characters of a text, and users by their numbers.
SELECT
  TO_CHAR(start_time, 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS "timestamp",
  query_text AS "sql",
  CAST(user_id AS VARCHAR) AS "user",
  TRIM(database_name) AS "database",
  '' AS "schema"
FROM sys_query_history
WHERE status = 'success'
  AND query_type IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE', 'MERGE', 'CTAS')
  AND user_id > 1
  AND start_time >= DATEADD(day, -30, GETDATE())
ORDER BY start_time
