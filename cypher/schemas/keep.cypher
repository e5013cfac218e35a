// Schemas that became others, each a new version; of a row without one the digest alone is noted.
// mode:    write
// params:  rows: list[map], at: str, by: str, run: str
// returns: versions: int
// budget:  300 ms
UNWIND $rows AS row
MATCH (d:Asset {urn: row.urn})
SET d.schema_digest = row.digest
WITH d, row WHERE row.version IS NOT NULL
SET d.schema_version = row.version
CREATE (d)-[:HAS_SCHEMA]->(v:SchemaVersion)
SET v = {number: row.version, digest: row.digest, recorded_at: $at, actor: $by, run: $run, source: row.source,
         ordered: row.ordered, gone: row.gone, breaking: row.breaking,
         // No version holds from before the one that it follows.
         valid_from: CASE WHEN row.after IS NULL OR row.valid > row.after THEN row.valid ELSE $at END}
RETURN count(v) AS versions
