// An edge as of a past instant that a walk would pass, closed ones included, as the middle of a pattern.
// params:  indirect: bool, origins: list[str], transformations: list[str]
-[e:FEEDS|INFLUENCES|FED WHERE ($indirect OR coalesce(e.type, type(e)) = 'FEEDS') AND ($origins IS NULL OR e.origin IN $origins) AND ($transformations IS NULL OR any(t IN e.transformations WHERE t IN $transformations)) AND
// include: cypher.lineage/_held
]->
