// Of what a source saw a while ago: the assets on which the same describer has had a later word, and those that were not
// known to be there then; two fat lists.
// mode:    read
// params:  rows: list[map]
// returns: late: list[str], earlier: list[str]
// budget:  100 ms
UNWIND $rows AS row
MATCH (a:Asset {urn: row.urn})
WITH a,
  a.described_at > row.observed AND (row.props.described_by IS NULL OR a.described_by = row.props.described_by) AS late,
  coalesce(a.valid_from, a.first_seen) > row.valid
    AND NOT EXISTS { (a)-[:WAS]->(past:AssetState) WHERE past.valid_from <= row.valid } AS earlier
RETURN collect(CASE WHEN late THEN a.urn END) AS late, collect(CASE WHEN earlier THEN a.urn END) AS earlier
