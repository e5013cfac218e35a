// Say what all workers together may do; null takes the limits away.
// mode:    write
// params:  limits: str
// returns: id: str
// budget:  50 ms
MERGE (d:Dispatcher {id: 'dispatch'})
SET d.limits = $limits
RETURN d.id AS id
