// What a run could not do, added to what it reported before; no more than a limit for one run.
// mode:    write
// params:  run: str, problems: list[map], most: int
// returns: problems: int
// budget:  200 ms
MATCH (r:Run {id: $run})
WITH r, coalesce(r.problem_count, 0) AS known
SET r.problem_count = known + size($problems)
FOREACH (row IN $problems[..CASE WHEN known < $most THEN $most - known ELSE 0 END] |
  CREATE (p:Problem) SET p = row CREATE (r)-[:REPORTED]->(p))
RETURN r.problem_count AS problems
