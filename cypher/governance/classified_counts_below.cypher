// How many assets the reader may see that carry each of these classifications or one that is narrower, rejected verdicts apart; each asset once.
// mode:    read
// params:  names: list[str], clearance: int, domains: list[str]
// returns: name: str, assets: int
// budget:  100 ms
UNWIND $names AS name
MATCH (c:Classification)
WHERE name IN c.wider
MATCH (c)<-[v:CLASSIFIED_AS|INHERITS]-(a:Asset)
WHERE v.status <> 'REJECTED' AND a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
RETURN name, count(DISTINCT a) AS assets
