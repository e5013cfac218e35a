// Workflows by name, after one.
// mode:    read
// params:  name: str, first: int
// returns: definition: map
// budget:  50 ms
MATCH (d:WorkflowDefinition)
WHERE d.name > $name AND NOT d.deleted
RETURN properties(d) AS definition
ORDER BY d.name
LIMIT $first
