// The classifications the product knows. Thresholds that somebody set stand above those of the text. `moved` are those whose level is another
// than it was.
// mode:    write
// params:  rows: list[map]
// returns: written: int, moved: list[str]
// budget:  100 ms
UNWIND $rows AS row
MERGE (c:Classification {name: row.name})
  ON CREATE SET c.key = row.key, c.enabled = true, c.deleted = false
WITH c, row, coalesce(c.sensitivity <> row.props.sensitivity, false) AS moved
SET c += row.props,
    c.accept_at = CASE WHEN c.thresholds_by IS NULL THEN row.accept_at ELSE c.accept_at END,
    c.reject_at = CASE WHEN c.thresholds_by IS NULL THEN row.reject_at ELSE c.reject_at END
RETURN count(c) AS written, collect(CASE WHEN moved THEN c.name END) AS moved
