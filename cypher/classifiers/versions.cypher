// Versions of these classifiers, the newest first, behind a number.
// mode:    read
// params:  names: list[str], key: int, backward: bool, first: int
// returns: name: str, versions: list[map]
// budget:  50 ms
UNWIND $names AS name
MATCH (d:ClassifierDefinition {name: name})
CALL (d) {
  MATCH (d)-[:HAS_VERSION]->(v:ClassifierVersion)
  WHERE CASE WHEN $key IS NULL THEN true WHEN $backward THEN v.number > $key ELSE v.number < $key END
  WITH v ORDER BY v.number DESC
  WITH collect(properties(v)) AS found
  RETURN (CASE WHEN $backward THEN reverse(found) ELSE found END)[..$first] AS versions
}
RETURN name, versions
