// How many assets carry a classification now, whatever people made of it; a bound is enough.
// mode:    read
// params:  name: str, bound: int
// returns: verdicts: int
// budget:  50 ms
MATCH (:Classification {name: $name})<-[v:CLASSIFIED_AS]-(:Asset)
WITH v LIMIT $bound
RETURN count(v) AS verdicts
