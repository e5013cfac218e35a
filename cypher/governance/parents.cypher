// The classifications directly above these.
// mode:    read
// params:  names: list[str]
// returns: name: str, classification: map
// budget:  30 ms
UNWIND $names AS name
MATCH (:Classification {name: name})-[:NARROWER_THAN]->(above:Classification)
RETURN name, above {.*} AS classification
