// What is shown of a version of the trained model; number 0 is the one that comes with the product.
CALL () {
  MATCH (m:ClassificationModel)
  RETURN m {.*} AS model
  UNION ALL
  OPTIONAL MATCH (v:ClassifierVocabulary {id: $id})
  RETURN {number: 0, status: CASE coalesce(v.model_number, 0) WHEN 0 THEN 'PRESENT' ELSE 'RETIRED' END} AS model
}
