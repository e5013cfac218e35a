// One step of a walk downstream; onto a hidden asset only where a walk passes those.
()-[e:FEEDS|INFLUENCES WHERE ($indirect OR type(e) = 'FEEDS') AND ($origins IS NULL OR e.origin IN $origins) AND ($transformations IS NULL OR any(t IN e.transformations WHERE t IN $transformations))]->(y:Asset WHERE $past_hidden OR (y.sensitivity <= $clearance AND ($domains IS NULL OR y.domain IN $domains)))
