// Takes these assets for the transaction, so that nobody decides on them between its reading and its writing.
// mode:    write
// params:  urns: list[str]
// returns: held: int
// budget:  100 ms
UNWIND $urns AS urn
MATCH (a:Asset {urn: urn})
SET a.version = a.version
RETURN count(a) AS held
