-- Needs Query Store in the database, and VIEW DATABASE STATE. It keeps no users, and a query is told once for each interval that it ran in.
SELECT
  CONVERT(varchar(19), SWITCHOFFSET(s.last_execution_time, '+00:00'), 126) AS [timestamp],
  t.query_sql_text AS [sql],
  '' AS [user],
  DB_NAME() AS [database],
  '' AS [schema]
FROM sys.query_store_runtime_stats AS s
JOIN sys.query_store_plan AS p ON p.plan_id = s.plan_id
JOIN sys.query_store_query AS q ON q.query_id = p.query_id
JOIN sys.query_store_query_text AS t ON t.query_text_id = q.query_text_id
WHERE s.execution_type = 0
  AND q.is_internal_query = 0
  AND s.last_execution_time >= DATEADD(day, -30, SYSDATETIMEOFFSET())
ORDER BY s.last_execution_time
