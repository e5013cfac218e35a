// A person's description of an asset; null gives the source's own comment back its place.
// mode:    write
// params:  urn: str, description: str, version: int, at: str, by: str, run: str, clearance: int, domains: list[str]
// returns: urn: str, version: int, applied: bool
// budget:  50 ms
MATCH (a:Asset {urn: $urn})
WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
WITH $version IS NULL OR a.version = $version AS applied, $at AS valid, a,
// include: cypher.catalog/_was_known
FOREACH (_ IN CASE WHEN applied THEN [1] ELSE [] END |
  SET a.description = $description, a.version = a.version + 1)
// include: cypher.catalog/_remember_known
RETURN a.urn AS urn, a.version AS version, applied
