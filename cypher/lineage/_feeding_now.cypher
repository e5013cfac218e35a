// An edge as it is now, as the middle of a pattern.
-[e:FEEDS|INFLUENCES WHERE $indirect OR type(e) = 'FEEDS']->
