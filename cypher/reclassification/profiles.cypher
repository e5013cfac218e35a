// Profiles, with their columns' values, of columns whose level is above `shown`.
// mode:    read
// params:  urns: list[str], shown: int
// returns: urn: str, profile: str
// budget:  100 ms
UNWIND $urns AS urn
MATCH (a:Asset {urn: urn})
WHERE a.sensitivity > $shown AND a.profile IS NOT NULL
RETURN urn, a.profile AS profile
