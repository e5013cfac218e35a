// An edge as of a past instant that a walk would pass, closed ones included, as the middle of a pattern.
// params:  indirect: bool, origins: list[str], transformations: list[str], valid_at: str, known_at: str
-[e:FEEDS|INFLUENCES|FED WHERE ($indirect OR coalesce(e.type, type(e)) = 'FEEDS') AND e.first_seen <= $valid_at AND e.first_seen <= $known_at AND (e.closed_at IS NULL OR e.closed_at > $valid_at OR e.closed_at > $known_at) AND ($origins IS NULL OR e.origin IN $origins) AND ($transformations IS NULL OR any(t IN e.transformations WHERE t IN $transformations))]->
