// Pairs of a column of each asset, or the asset itself, and the columns that queries set equal to it, the most frequent first.
// mode:    read
// params:  urns: list[str], since: str, key: list, backward: bool, first: int, clearance: int, domains: list[str]
// returns: urn: str, joins: list[map]
// budget:  80 ms
UNWIND $urns AS urn
MATCH (a:Asset {urn: urn})
WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
CALL (a) {
  MATCH (a)-[:CONTAINS]->{0,1}(c:Column)-[j:JOINED_WITH]-(o:Column)
  WHERE j.day > $since
    AND c.sensitivity <= $clearance AND ($domains IS NULL OR c.domain IN $domains)
    AND o.sensitivity <= $clearance AND ($domains IS NULL OR o.domain IN $domains)
  WITH c.urn AS own, o.urn AS other, sum(j.queries) AS queries
  WITH own, other, queries
  WHERE CASE
      WHEN $key IS NULL THEN true
      WHEN -queries <> $key[0] THEN (-queries < $key[0]) = $backward
      WHEN own <> $key[1] THEN (own < $key[1]) = $backward
      ELSE other <> $key[2] AND (other < $key[2]) = $backward END
  WITH own, other, queries ORDER BY queries DESC, own, other
  WITH collect({own: own, other: other, queries: queries}) AS found
  RETURN (CASE WHEN $backward THEN reverse(found) ELSE found END)[..$first] AS joins
}
RETURN urn, joins
