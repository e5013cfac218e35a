// A classifier of one's own as it is, deleted or not; made where there is none.
// mode:    write
// params:  name: str, at: str, by: str
// returns: definition: map
// budget:  50 ms
MERGE (d:ClassifierDefinition {name: $name})
  ON CREATE SET d.version = 0, d.deleted = true, d.created_at = $at, d.created_by = $by
RETURN properties(d) AS definition
