// A workflow that nothing new may run. Its versions stay, and what is saved under the name later counts on from them.
// mode:    write
// params:  name: str
// returns: name: str
// budget:  50 ms
MATCH (d:WorkflowDefinition {name: $name})
SET d.deleted = true, d.calls = []
RETURN d.name AS name
