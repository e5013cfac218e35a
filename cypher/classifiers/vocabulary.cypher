// The vocabulary in force: what is switched off, and the texts of one's own classifiers, both by name.
// mode:    read
// params:  id: str
// returns: digest: str, disabled: list[str], definitions: list[map]
// budget:  50 ms
OPTIONAL MATCH (v:ClassifierVocabulary {id: $id})
RETURN coalesce(v.digest, '') AS digest,
       COLLECT { MATCH (c:Classification) WHERE c.enabled = false AND NOT coalesce(c.deleted, false) RETURN c.name ORDER BY c.name } AS disabled,
       COLLECT { MATCH (d:ClassifierDefinition) WHERE NOT d.deleted RETURN d {.name, .version, .text} ORDER BY d.name } AS definitions
