// Pages of the classifications directly below these, by name.
// mode:    read
// params:  names: list[str], key: str, backward: bool, first: int
// returns: name: str, classifications: list[map]
// budget:  30 ms
UNWIND $names AS name
MATCH (c:Classification {name: name})
CALL (c) {
  MATCH (c)<-[:NARROWER_THAN]-(below:Classification)
  WHERE CASE WHEN $key IS NULL THEN true WHEN $backward THEN below.name < $key ELSE below.name > $key END
  WITH below ORDER BY below.name
  WITH collect(below {.*}) AS found
  RETURN (CASE WHEN $backward THEN reverse(found) ELSE found END)[..$first] AS classifications
}
RETURN name, classifications
