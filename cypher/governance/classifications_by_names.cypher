// Classifications by name.
// mode:    read
// params:  names: list[str]
// returns: classification: map
// budget:  20 ms
UNWIND $names AS name
MATCH (c:Classification {name: name})
WHERE NOT coalesce(c.deleted, false)
RETURN c {.*} AS classification
