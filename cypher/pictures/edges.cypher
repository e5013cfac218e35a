// Edges from some of these assets to any of them, with what is said of each: one row per asset that feeds.
// mode:    read
// ways:    now, past
// params:  part: list[str], urns: list[str], clearance: int, domains: list[str]
// returns: up: str, edges: list[list]
// budget:  100 ms
UNWIND $part AS up_urn
MATCH (up:Asset {urn: up_urn})
// include: cypher.pictures/_feeding_<way>
(a:Asset)
WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
  AND up.sensitivity <= $clearance AND ($domains IS NULL OR up.domain IN $domains)
  AND a.urn IN $urns
WITH up_urn, a.urn AS down, collect(e {
  .assertion, .job, .origin, .author, .transformation, .transformations, .confidence, .first_seen, .last_seen,
  type: coalesce(e.type, type(e))
}) AS said
ORDER BY up_urn, down
RETURN up_urn AS up, collect([down, said]) AS edges
