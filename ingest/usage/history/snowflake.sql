-- Needs the database role SNOWFLAKE.GOVERNANCE_VIEWER or IMPORTED PRIVILEGES on the database SNOWFLAKE; up to 45 minutes late.
SELECT
  TO_VARCHAR(CONVERT_TIMEZONE('UTC', start_time), 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS "timestamp",
  query_text AS "sql",
  user_name AS "user",
  database_name AS "database",
  schema_name AS "schema"
FROM snowflake.account_usage.query_history
WHERE execution_status = 'SUCCESS'
  AND COALESCE(query_tag, '') <> 'pursight'
  AND query_type IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE', 'MERGE', 'CREATE_TABLE_AS_SELECT')
  AND start_time >= DATEADD(day, -30, CURRENT_TIMESTAMP())
ORDER BY start_time
