// Whether a command already happened: its event id is its operation id.
// mode:    read
// params:  id: str
// returns: id: str
// budget:  20 ms
MATCH (e:AuditEvent {id: $id})
RETURN e.id AS id
