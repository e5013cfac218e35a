// Version, edition and clock of the server.
// mode:    read
// params:
// returns: version: string, edition: string, now: string
// budget:  50 ms
CALL dbms.components() YIELD name, versions, edition
WHERE name = 'Neo4j Kernel'
RETURN versions[0] AS version, edition, toString(datetime.realtime()) AS now
