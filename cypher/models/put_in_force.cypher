// Another model judges from now on; the one that did is retired. Number 0 is the one that comes with the product, whose digest is empty.
// mode:    write
// params:  id: str, number: int, digest: str, at: str, by: str
// returns: number: int
// budget:  50 ms
MATCH (v:ClassifierVocabulary {id: $id})
CALL () {
  MATCH (old:ClassificationModel) WHERE old.status = 'PRESENT'
  SET old.status = 'RETIRED', old.retired_at = $at
}
CALL () {
  MATCH (m:ClassificationModel {number: $number})
  SET m.status = 'PRESENT', m.promoted_at = $at, m.promoted_by = $by, m.retired_at = null, m.fault = null
}
SET v.model = $digest, v.model_number = $number
RETURN v.model_number AS number
