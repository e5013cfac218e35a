// Such a step upstream as of a past instant, over closed edges too.
()<-[e:FEEDS|INFLUENCES|FED WHERE ($indirect OR coalesce(e.type, type(e)) = 'FEEDS') AND ($origins IS NULL OR e.origin IN $origins) AND ($transformations IS NULL OR any(t IN e.transformations WHERE t IN $transformations)) AND
// include: cypher.lineage/_held
]-(y:Asset WHERE $past_hidden OR (y.sensitivity <= $clearance AND ($domains IS NULL OR y.domain IN $domains)))
