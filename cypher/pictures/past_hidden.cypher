// Which of some assets feed which of any over assets alone that the reader may not see, at most ten in a row.
// mode:    read
// ways:    now, past
// params:  part: list[str], urns: list[str], clearance: int, domains: list[str]
// returns: up: str, down: str
// budget:  200 ms
UNWIND $part AS urn
MATCH (up:Asset {urn: urn})
// include: cypher.pictures/_feeding_<way>
(h:Asset)
WHERE up.sensitivity <= $clearance AND ($domains IS NULL OR up.domain IN $domains)
  AND NOT (h.sensitivity <= $clearance AND ($domains IS NULL OR h.domain IN $domains))
WITH DISTINCT up, h
MATCH (h)(()
// include: cypher.pictures/_feeding_<way>
(z:Asset WHERE NOT (z.sensitivity <= $clearance AND ($domains IS NULL OR z.domain IN $domains)))){0,9}(last)
WITH DISTINCT up, last
MATCH (last)
// include: cypher.pictures/_feeding_<way>
(a:Asset)
WHERE a <> up AND a.urn IN $urns AND a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
RETURN DISTINCT up.urn AS up, a.urn AS down
ORDER BY up, down
