// Names that begin with a text, with how many assets bear each.
// mode:    read
// params:  prefix: str, bound: int, first: int, clearance: int, domains: list[str]
// returns: name: str, kinds: list[str], assets: int
// budget:  50 ms
MATCH (a:Asset)
WHERE a.name_lower STARTS WITH $prefix
  AND a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains) AND a.status = 'ACTIVE'
WITH a ORDER BY a.name_lower LIMIT $bound
WITH a.name_lower AS folded, min(a.name) AS name, collect(DISTINCT a.kind) AS kinds, count(*) AS assets
RETURN name, kinds, assets
ORDER BY size(folded), folded
LIMIT $first
