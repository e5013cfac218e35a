// What is told of a source; the configuration holds sealed secrets, which the API never passes on.
  .key, .urn, .name, .connector, .platform, .namespace, .comment, .description, .domain, .registered, .stub, .config, .options,
  .sensitivity, .status, .version, .first_seen, .last_seen, .last_run, .last_run_state, .last_run_at,
  .plan, .plan_at, .next_due_ms, .interval_s, .interval_reason, .check_ok, .check_cause, .checked_at, .check_latency_ms,
  .breaker, .health_figures, .next_check_ms, .credential_expires_at, .credential_rotated_at, .credential_rotated_by
