// One version of the trained model.
// mode:    read
// params:  id: str, number: int
// returns: model: map
// budget:  50 ms
// include: cypher.models/_model
WITH model WHERE model.number = $number
RETURN model
