// That the edge `e` from `u` to `x` carries the value, and that nobody switched it off; goes into a WHERE.
// params:  carries: list[str]
any(t IN coalesce(e.transformations, ['UNKNOWN']) WHERE t IN $carries) AND NOT EXISTS { (u)-[:PROPAGATION_OFF]->(x) }
