// The confidence below which each of these classifications is not given, and whether it is given at all.
// mode:    read
// params:  names: list[str]
// returns: name: str, reject_at: float, enabled: bool
// budget:  50 ms
UNWIND $names AS name
MATCH (c:Classification {name: name})
RETURN name, c.reject_at AS reject_at, coalesce(c.enabled, true) AS enabled
