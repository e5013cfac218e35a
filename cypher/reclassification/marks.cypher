// What datasets look like and were judged by.
// mode:    read
// params:  urns: list[str]
// returns: urn: str, judged_by: str, fingerprint: str
// budget:  100 ms
UNWIND $urns AS urn
MATCH (d:Asset {urn: urn})
RETURN urn, d.judged_by AS judged_by, d.fingerprint AS fingerprint
