// Take as many questions to the language model from the budgets of the day and of the run as they have left, at most as many as are wanted.
// mode:    write
// params:  id: str, run: str, day: str, wanted: int, per_run: int, per_day: int
// returns: granted: int
// budget:  50 ms
MERGE (b:LanguageModelBudget {id: $id})
  ON CREATE SET b.day = $day, b.used = 0
SET b.lock = $id
WITH b, CASE WHEN b.day = $day THEN b.used ELSE 0 END AS used
MATCH (r:Run {id: $run})
WITH b, r, used, coalesce(r.model_calls, 0) AS asked
WITH b, r, used, asked, [left IN [$wanted, $per_day - used, $per_run - asked] | CASE WHEN left > 0 THEN left ELSE 0 END] AS left
WITH b, r, used, asked, reduce(least = $wanted, n IN left | CASE WHEN n < least THEN n ELSE least END) AS granted
SET b.day = $day, b.used = used + granted, r.model_calls = asked + granted
RETURN granted
