// Edges among these assets as of a past instant, closed ones included, with what was said of each.
// mode:    read
// params:  urns: list[str], indirect: bool, past_hidden: bool, valid_at: str, known_at: str, clearance: int, domains: list[str]
// returns: up: str, down: str, edges: list[map]
// budget:  100 ms
UNWIND $urns AS urn
MATCH (up:Asset {urn: urn})-[e:FEEDS|INFLUENCES|FED]->(a:Asset)
WHERE ($past_hidden OR (a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
                        AND up.sensitivity <= $clearance AND ($domains IS NULL OR up.domain IN $domains)))
  AND ($indirect OR coalesce(e.type, type(e)) = 'FEEDS') AND a.urn IN $urns
  AND e.first_seen <= $valid_at AND e.first_seen <= $known_at
  AND (e.closed_at IS NULL OR e.closed_at > $valid_at OR e.closed_at > $known_at)
RETURN urn AS up, a.urn AS down, collect(e {.*, type: coalesce(e.type, type(e))}) AS edges
ORDER BY up, down
