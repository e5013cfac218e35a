// A task tells what it is to tell once, however often it is tried.
// mode:    write
// params:  id: str
// returns: first: bool
// budget:  20 ms
MATCH (t:RunTask {id: $id})
WITH t, coalesce(t.told, false) AS told
SET t.told = true
RETURN NOT told AS first
