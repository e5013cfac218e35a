// That the verdict `v`, present or past, held at a past instant by what was recorded at another; goes into a WHERE.
  coalesce(v.decided_at, v.valid_from) <= $valid_at AND coalesce(v.recorded_at, v.decided_at, v.valid_from) <= $known_at
  AND (v.closed_at IS NULL OR v.closed_at > $known_at OR v.valid_to > $valid_at)
