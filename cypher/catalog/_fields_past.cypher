// What a list tells of the asset `a` as it was in the state `s`, at the level `level`; what nobody kept is null.
  .key, .urn, .kind, .platform, .namespace, .source, .first_seen, .version,
  name: s.name, path: s.path, subtype: s.subtype, comment: s.comment, description: s.description,
  data_type: s.data_type, nullable: s.nullable, ordinal: s.ordinal, primary_key: s.primary_key,
  domain: s.domain, status: s.status, stub: s.stub, sensitivity: level,
  status_reason: null, row_count: null, size_bytes: null, properties: null, last_seen: null, lineage_problem: null, sampled_rows: null,
  job_run_id: null
