// Versions of the trained model, the newest first, down to the one that comes with the product.
// mode:    read
// params:  id: str, key: int, backward: bool, first: int
// returns: model: map
// budget:  50 ms
// include: cypher.models/_model
WITH model
WHERE CASE WHEN $key IS NULL THEN true WHEN $backward THEN model.number > $key ELSE model.number < $key END
WITH model ORDER BY CASE WHEN $backward THEN model.number ELSE -model.number END
LIMIT $first
RETURN model
