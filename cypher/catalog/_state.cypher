// The state `s` that the asset `a` was in at `valid_at` by what was recorded at `known_at`: of those that had begun by
// then the last, and of equals the one recorded last. No row where it was not there. The present state is the asset itself.
CALL (a, valid_at, known_at) {
  CALL (a, valid_at, known_at) {
    WITH a, valid_at, known_at
    WHERE coalesce(a.valid_from, a.first_seen) <= valid_at AND coalesce(a.recorded_at, a.first_seen) <= known_at
    RETURN a AS s
    UNION ALL
    MATCH (a)-[:WAS]->(past:AssetState)
    WHERE past.valid_from <= valid_at AND past.recorded_at <= known_at
    RETURN past AS s
  }
  RETURN s
  ORDER BY coalesce(s.valid_from, s.first_seen) DESC, coalesce(s.recorded_at, s.first_seen) DESC
  LIMIT 1
}
