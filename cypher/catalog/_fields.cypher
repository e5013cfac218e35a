// What a list tells of an asset; goes into the braces of a map projection.
  .key, .urn, .kind, .subtype, .name, .path, .platform, .namespace, .source, .comment, .description, .data_type,
  .nullable, .ordinal, .primary_key, .row_count, .size_bytes, .properties, .sensitivity, .domain, .status, .status_reason, .stub,
  .first_seen, .last_seen, .version, .lineage_problem, .sampled_rows, .sampled_nulls, .sampled_distinct, .sampled_at, .profile, .table_profile,
  .job_run_id, .job_run_state, .job_run_at, .job_run_error
