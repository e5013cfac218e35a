// The level of columns by what is said of them, what they inherit and what holds them; `datasets` are those of the columns that got another.
// mode:    write
// params:  keys: list[int]
// returns: datasets: list[str], raised: int, lowered: int
// budget:  500 ms
UNWIND $keys AS key
MATCH (a:Asset {key: key})
// include: cypher.governance/_own
OPTIONAL MATCH (a)<-[:CONTAINS]-(d:Asset)
WITH a, own, d.urn AS dataset, coalesce(a.sensitivity, 0) AS before, CASE WHEN d.sensitivity > own THEN d.sensitivity ELSE own END AS level
WHERE coalesce(a.own_sensitivity, -1) <> own OR before <> level
SET a.own_sensitivity = own, a.sensitivity = level
RETURN collect(DISTINCT CASE WHEN before <> level THEN dataset END) AS datasets,
       count(CASE WHEN level > before THEN 1 END) AS raised, count(CASE WHEN level < before THEN 1 END) AS lowered
