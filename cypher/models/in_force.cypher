// By which digests the vocabulary and the trained model are known that are in force; empty where they are the product's own.
// mode:    read
// params:  id: str
// returns: vocabulary: str, model: str, number: int
// budget:  20 ms
OPTIONAL MATCH (v:ClassifierVocabulary {id: $id})
RETURN coalesce(v.digest, '') AS vocabulary, coalesce(v.model, '') AS model, coalesce(v.model_number, 0) AS number
