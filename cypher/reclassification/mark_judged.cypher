// That these datasets are judged by `version` as they are now; null where nothing judges them.
// mode:    write
// params:  urns: list[str], version: str, at: str
// returns: datasets: int
// budget:  200 ms
UNWIND $urns AS urn
MATCH (d:Asset {urn: urn, kind: 'DATASET'})
SET d.judged_by = $version, d.judged_at = $at
RETURN count(d) AS datasets
