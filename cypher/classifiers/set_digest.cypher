// That another vocabulary is in force.
// mode:    write
// params:  id: str, digest: str, product: str
// returns: digest: str
// budget:  50 ms
MATCH (v:ClassifierVocabulary {id: $id})
SET v.digest = $digest, v.product = $product
RETURN v.digest AS digest
