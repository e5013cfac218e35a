// Classifiers of one's own by name, as they are now.
// mode:    read
// params:  names: list[str]
// returns: definition: map
// budget:  50 ms
UNWIND $names AS name
MATCH (d:ClassifierDefinition {name: name})
WHERE NOT d.deleted
RETURN properties(d) AS definition
