// A new version of a workflow, which is the one that new runs follow.
// mode:    write
// params:  name: str, version: int, props: map, at: str, by: str
// returns: definition: map
// budget:  50 ms
MATCH (d:WorkflowDefinition {name: $name})
SET d += $props, d.version = $version, d.deleted = false, d.saved_at = $at, d.saved_by = $by
CREATE (d)-[:HAS_VERSION]->(v:WorkflowVersion {id: $name + '/' + $version, number: $version, text: $props.text, digest: $props.digest,
                                               saved_at: $at, saved_by: $by})
RETURN properties(d) AS definition
