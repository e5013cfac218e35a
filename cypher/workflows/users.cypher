// Who uses a workflow: how many plans of sources, and other workflows by name.
// mode:    read
// params:  name: str
// returns: plans: int, workflows: list[str]
// budget:  50 ms
RETURN COUNT { MATCH (s:Source) WHERE s.scan_workflow = $name } AS plans,
       COLLECT { MATCH (d:WorkflowDefinition) WHERE $name IN d.calls AND NOT d.deleted RETURN d.name ORDER BY d.name LIMIT 10 } AS workflows
