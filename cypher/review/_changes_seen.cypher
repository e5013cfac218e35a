// Of changes of verdicts those between two keys that the reader may see and asked for.
  WHERE (at > $above_at OR id > $above_id) AND (at < $below_at OR id < $below_id)
    AND ($source IS NULL OR a.source = $source) AND ($classification IS NULL OR c.name = $classification)
    AND ($under IS NULL OR $under IN COLLECT { MATCH (h)-[:CONTAINS*0..5]->(a) RETURN h.urn })
    AND a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
