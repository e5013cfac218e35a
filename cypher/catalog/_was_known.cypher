// What is kept of the asset `a` when it changes, since when it was so, and who said it; goes into a WITH, before the change.
  a {
// include: cypher.catalog/_governed
    , .recorded_by, .recorded_run,
    valid_from: coalesce(a.valid_from, a.first_seen), recorded_at: coalesce(a.recorded_at, a.first_seen)} AS was
