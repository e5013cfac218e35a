-- Needs SELECT on V_$SQL. It is what the shared pool still holds, and a statement is told once, when it last ran.
SELECT
  TO_CHAR(SYS_EXTRACT_UTC(FROM_TZ(CAST(s.last_active_time AS TIMESTAMP), TO_CHAR(SYSTIMESTAMP, 'TZH:TZM'))), 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS "timestamp",
  s.sql_fulltext AS "sql",
  s.parsing_schema_name AS "user",
  SYS_CONTEXT('USERENV', 'SERVICE_NAME') AS "database",
  s.parsing_schema_name AS "schema"
FROM v$sql s
WHERE s.command_type IN (1, 2, 3, 6, 7, 189)
  AND s.parsing_schema_name NOT IN ('SYS', 'SYSTEM')
  AND s.last_active_time >= SYSDATE - 30
ORDER BY s.last_active_time
