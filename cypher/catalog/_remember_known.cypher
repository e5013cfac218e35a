// Keeps what the asset `a` was, where it is something else now and that was not recorded by this same transaction; the new
// state holds from `valid` on, or from now where the state before began later than that.
FOREACH (_ IN CASE WHEN was.recorded_at < $at AND
    [coalesce(was.name, ''), coalesce(was.path, ''), coalesce(was.subtype, ''), coalesce(was.data_type, ''),
     coalesce(was.nullable, ''), coalesce(was.ordinal, 0), coalesce(was.primary_key, false), coalesce(was.comment, ''),
     coalesce(was.description, ''), coalesce(was.definition, ''), coalesce(was.domain, ''), coalesce(was.status, ''),
     coalesce(was.stub, false)] <>
    [coalesce(a.name, ''), coalesce(a.path, ''), coalesce(a.subtype, ''), coalesce(a.data_type, ''),
     coalesce(a.nullable, ''), coalesce(a.ordinal, 0), coalesce(a.primary_key, false), coalesce(a.comment, ''),
     coalesce(a.description, ''), coalesce(a.definition, ''), coalesce(a.domain, ''), coalesce(a.status, ''),
     coalesce(a.stub, false)] THEN [1] ELSE [] END |
  CREATE (a)-[:WAS]->(past:AssetState)
  SET past = was,
      a.valid_from = CASE WHEN valid > was.valid_from THEN valid ELSE $at END,
      a.recorded_at = $at, a.recorded_by = $by, a.recorded_run = $run)
