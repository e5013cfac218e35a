// What is in force of the vocabulary, locked until the transaction ends, so that changes come one after the other.
// mode:    write
// params:  id: str
// returns: digest: str, product: str
// budget:  50 ms
MERGE (v:ClassifierVocabulary {id: $id})
  ON CREATE SET v.digest = '', v.product = ''
SET v.lock = $id
RETURN v.digest AS digest, v.product AS product
