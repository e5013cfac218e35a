// An edge as of a past instant, closed ones included, as the middle of a pattern.
-[e:FEEDS|INFLUENCES|FED WHERE ($indirect OR coalesce(e.type, type(e)) = 'FEEDS') AND
// include: cypher.lineage/_held
]->
