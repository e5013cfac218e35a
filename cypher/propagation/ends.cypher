// Two columns that the actor may see, and whether the first feeds the second or did before it was switched off.
// mode:    read
// params:  up: str, down: str, clearance: int, domains: list[str]
// returns: urn: str, is_column: bool, fed: bool
// budget:  30 ms
UNWIND [$up, $down] AS urn
MATCH (a:Asset {urn: urn})
WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
RETURN urn, a:Column AS is_column, EXISTS { (:Asset {urn: $up})-[:FEEDS|PROPAGATION_OFF]->(:Asset {urn: $down}) } AS fed
