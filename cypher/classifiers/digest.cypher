// By which digest the vocabulary in force is known, and by which the part of it that the product brings; empty where nothing was said.
// mode:    read
// params:  id: str
// returns: digest: str, product: str
// budget:  20 ms
OPTIONAL MATCH (v:ClassifierVocabulary {id: $id})
RETURN coalesce(v.digest, '') AS digest, coalesce(v.product, '') AS product
