// An edge as of a past instant, closed ones included, as the middle of a pattern.
// params:  valid_at: str, known_at: str
-[e:FEEDS|INFLUENCES|FED WHERE ($indirect OR coalesce(e.type, type(e)) = 'FEEDS') AND e.first_seen <= $valid_at AND e.first_seen <= $known_at AND (e.closed_at IS NULL OR e.closed_at > $valid_at OR e.closed_at > $known_at)]->
