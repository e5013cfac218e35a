// The names and texts of classifiers that are tried before they are saved.
// mode:    read
// params:  id: str
// returns: names: list[str], texts: list[str]
// budget:  20 ms
MATCH (d:ClassifierDraft {id: $id})
RETURN d.names AS names, d.texts AS texts
