// How many assets the reader may see that carry each of these classifications, rejected verdicts apart.
// mode:    read
// params:  names: list[str], clearance: int, domains: list[str]
// returns: name: str, assets: int
// budget:  100 ms
UNWIND $names AS name
MATCH (:Classification {name: name})<-[v:CLASSIFIED_AS|INHERITS]-(a:Asset)
WHERE v.status <> 'REJECTED' AND a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains)
RETURN name, count(DISTINCT a) AS assets
