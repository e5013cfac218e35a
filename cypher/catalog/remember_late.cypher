// What a source saw a while ago and told only now: the present stays as it is, and the past is amended, by late words
// where they differ from what is known of then, by others where nothing is.
// mode:    write
// params:  rows: list[map], at: str, by: str, run: str
// returns: states: int
// budget:  300 ms
UNWIND $rows AS row
MATCH (top:Asset {urn: row.urn})
CALL (top, row) {
  RETURN top AS a, row.props AS told
  UNION ALL
  WITH top, row
  UNWIND row.columns AS col
  MATCH (a:Asset {urn: col.urn})
  RETURN a, col.props AS told
}
WITH a, told, row.late AS late, row.valid AS valid_at, '9999' AS known_at
OPTIONAL CALL (a, valid_at, known_at) {
// include: cypher.catalog/_state
  RETURN s
}
WITH a, told, late, valid_at, s
WHERE s IS NULL OR late AND any(pair IN [[s.name, told.name], [s.subtype, told.subtype], [s.data_type, told.data_type],
    [s.nullable, told.nullable], [s.comment, told.comment], [s.definition, told.definition]]
  WHERE pair[1] IS NOT NULL AND (pair[0] IS NULL OR pair[0] <> pair[1]))
CREATE (a)-[:WAS]->(past:AssetState {valid_from: valid_at, recorded_at: $at, recorded_by: $by, recorded_run: $run})
SET past.name = coalesce(told.name, s.name), past.path = coalesce(told.path, s.path),
    past.subtype = coalesce(told.subtype, s.subtype), past.data_type = coalesce(told.data_type, s.data_type),
    past.nullable = coalesce(told.nullable, s.nullable), past.ordinal = coalesce(told.ordinal, s.ordinal),
    past.primary_key = coalesce(told.primary_key, s.primary_key), past.comment = coalesce(told.comment, s.comment),
    past.definition = coalesce(told.definition, s.definition), past.description = s.description,
    past.domain = a.domain, past.status = 'ACTIVE', past.stub = false
RETURN count(past) AS states
