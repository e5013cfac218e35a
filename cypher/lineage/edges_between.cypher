// Edges among these assets, with what is said of each.
// mode:    read
// ways:    now, past
// params:  urns: list[str], indirect: bool, past_hidden: bool, clearance: int, domains: list[str]
// returns: up: str, down: str, edges: list[map]
// budget:  100 ms
UNWIND $urns AS urn
MATCH (up:Asset {urn: urn})
// include: cypher.lineage/_feeding_<way>
(a:Asset)
WHERE ($past_hidden OR (a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
                        AND up.sensitivity <= $clearance AND ($domains IS NULL OR up.domain IN $domains)))
  AND a.urn IN $urns
RETURN urn AS up, a.urn AS down, collect(e {.*, type: coalesce(e.type, type(e))}) AS edges
ORDER BY up, down
