// The level each asset has by verdicts on it and by what it inherits, written to it where it is another; beside it what a column says and
// what people rejected there. `marked` are the columns where that is something else now: those that they feed may inherit something else.
// mode:    write
// params:  urns: list[str]
// returns: written: int, marked: list[int]
// budget:  300 ms
UNWIND $urns AS urn
MATCH (a:Asset {urn: urn})
// include: cypher.governance/_own
WITH a, says, sure, refuses, own, coalesce(a.own_sensitivity, -1) <> own AS moved,
     a:Column AND (coalesce(a.says, []) <> says OR coalesce(a.says_sure, []) <> sure OR coalesce(a.refuses, []) <> refuses) AS marked
WHERE moved OR marked
SET a.own_sensitivity = own
FOREACH (_ IN CASE WHEN marked THEN [1] ELSE [] END |
  SET a.says = says, a.says_sure = sure, a.refuses = refuses)
RETURN count(CASE WHEN moved THEN 1 END) AS written, collect(CASE WHEN marked THEN a.key END) AS marked
