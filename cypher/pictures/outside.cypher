// How many assets feed some of these directly, and are fed by them, that are none of these; assets without such are left out.
// mode:    read
// ways:    now, past
// params:  part: list[str], urns: list[str], clearance: int, domains: list[str]
// returns: counts: list[list]
// budget:  100 ms
UNWIND $part AS urn
MATCH (a:Asset {urn: urn})
WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
CALL (a) {
  MATCH (o:Asset)
// include: cypher.pictures/_feeding_<way>
  (a)
  WHERE o.sensitivity <= $clearance AND ($domains IS NULL OR o.domain IN $domains)
    AND NOT o.urn IN $urns
  RETURN count(DISTINCT o) AS upstream
}
CALL (a) {
  MATCH (a)
// include: cypher.pictures/_feeding_<way>
  (o:Asset)
  WHERE o.sensitivity <= $clearance AND ($domains IS NULL OR o.domain IN $domains)
    AND NOT o.urn IN $urns
  RETURN count(DISTINCT o) AS downstream
}
WITH urn, upstream, downstream
WHERE upstream + downstream > 0
RETURN collect([urn, upstream, downstream]) AS counts
