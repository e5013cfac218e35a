-- Needs SELECT on system.query.history. It keeps no catalog and schema, so that only names with all three parts are found.
SELECT
  CAST(UNIX_TIMESTAMP(start_time) AS STRING) AS `timestamp`,
  statement_text AS `sql`,
  executed_by AS `user`,
  '' AS `database`,
  '' AS `schema`
FROM system.query.history
WHERE execution_status = 'FINISHED'
  AND statement_type IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE', 'MERGE', 'CREATE_TABLE_AS_SELECT', 'REPLACE')
  AND start_time >= DATE_SUB(CURRENT_DATE(), 30)
ORDER BY start_time
