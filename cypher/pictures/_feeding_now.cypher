// An edge as it is now that a walk would pass, as the middle of a pattern.
// params:  indirect: bool, origins: list[str], transformations: list[str]
-[e:FEEDS|INFLUENCES WHERE ($indirect OR type(e) = 'FEEDS') AND ($origins IS NULL OR e.origin IN $origins) AND ($transformations IS NULL OR any(t IN e.transformations WHERE t IN $transformations))]->
