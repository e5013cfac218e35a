// Every index and whether it serves.
// mode:    read
// params:
// returns: name: string, state: string
// budget:  50 ms
SHOW INDEXES YIELD name, state
RETURN name, state
ORDER BY name
