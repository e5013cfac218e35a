// Which text each asset's vector was made from.
// mode:    read
// params:  urns: list[str]
// returns: urn: str, hash: str
// budget:  300 ms
UNWIND $urns AS urn
MATCH (a:Asset {urn: urn})
RETURN a.urn AS urn, a.embedding_hash AS hash
