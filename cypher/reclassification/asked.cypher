// That a run was asked for which judges by `version` what waits in a source, so that nobody asks twice.
// mode:    write
// params:  source: str, version: str
// returns: source: str
// budget:  20 ms
MATCH (s:Asset {urn: $source})
SET s.reclassify_asked = $version
RETURN s.urn AS source
