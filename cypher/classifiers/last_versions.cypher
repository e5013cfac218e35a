// The number of the last version of classifiers of one's own, deleted ones among them; those that there never were are left out.
// mode:    read
// params:  names: list[str]
// returns: name: str, version: int
// budget:  50 ms
UNWIND $names AS name
MATCH (d:ClassifierDefinition {name: name})
RETURN name, d.version AS version
