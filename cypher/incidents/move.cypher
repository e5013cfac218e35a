// An incident that the reader may see, moved into another state where it is in one of some.
// mode:    write
// params:  key: int, states: list[str], state: str, props: map, clearance: int, domains: list[str]
// returns: id: str, dataset: str, was: str, applied: bool
// budget:  50 ms
MATCH (i:Incident {key: $key})-[:ABOUT]->(d:Asset)
WHERE (
// include: cypher.incidents/_shown
)
WITH i, d, i.state AS was, i.state IN $states AS applied
FOREACH (_ IN CASE WHEN applied THEN [1] ELSE [] END | SET i += $props, i.state = $state)
RETURN i.id AS id, d.urn AS dataset, was, applied
