// A new version of a classifier of one's own, which is the one that classifies from now on.
// mode:    write
// params:  name: str, version: int, text: str, at: str, by: str
// returns: definition: map
// budget:  50 ms
MATCH (d:ClassifierDefinition {name: $name})
SET d.text = $text, d.version = $version, d.deleted = false, d.saved_at = $at, d.saved_by = $by
CREATE (d)-[:HAS_VERSION]->(v:ClassifierVersion {id: $name + '/' + $version, number: $version, text: $text, saved_at: $at, saved_by: $by})
RETURN properties(d) AS definition
