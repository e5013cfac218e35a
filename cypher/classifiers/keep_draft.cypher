// Classifiers that are tried before they are saved, kept until they expire; kept again, they expire later.
// mode:    write
// params:  id: str, names: list[str], texts: list[str], at: str, by: str, expires_ms: int
// returns: id: str
// budget:  50 ms
MERGE (d:ClassifierDraft {id: $id})
  ON CREATE SET d.names = $names, d.texts = $texts, d.created_at = $at, d.created_by = $by
SET d.expires_ms = $expires_ms
RETURN d.id AS id
