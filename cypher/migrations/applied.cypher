// Which migrations this database has seen.
// mode:    read
// params:
// returns: version: int, checksum: str
// budget:  50 ms
MATCH (m:Migration)
RETURN m.version AS version, m.checksum AS checksum
