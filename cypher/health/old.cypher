// Whether there is an hour before one of them.
// mode:    read
// params:  before: str
// returns: found: bool
// budget:  20 ms
RETURN EXISTS { MATCH (h:HealthHour) WHERE h.hour < $before } AS found
