// Note one migration as applied.
// mode:    write
// params:  version: int, name: str, checksum: str, at: str
// returns: version: int
// budget:  50 ms
MERGE (m:Migration {version: $version})
SET m.name = $name, m.checksum = $checksum, m.applied_at = $at
RETURN m.version AS version
