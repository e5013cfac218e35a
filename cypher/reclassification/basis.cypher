// What decides beside the rules which verdicts are given: thresholds in force as [name, accept, reject], of which classifications somebody set
// them, and what exceptions keep back somewhere.
// mode:    read
// params:
// returns: thresholds: list[list], set: list[str], excepted: list[str]
// budget:  50 ms
RETURN COLLECT {
    MATCH (c:Classification)
    WHERE NOT coalesce(c.deleted, false) AND (c.accept_at IS NOT NULL OR c.reject_at IS NOT NULL)
    RETURN [c.name, c.accept_at, c.reject_at] ORDER BY c.name
  } AS thresholds,
  COLLECT { MATCH (c:Classification) WHERE NOT coalesce(c.deleted, false) AND c.thresholds_by IS NOT NULL RETURN c.name } AS set,
  COLLECT { MATCH (e:ClassificationException) RETURN DISTINCT e.classification } AS excepted
