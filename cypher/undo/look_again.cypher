// Datasets of these assets, which the next scan is to look at again though they did not change.
// mode:    write
// params:  urns: list[str]
// returns: datasets: int
// budget:  300 ms
UNWIND $urns AS urn
MATCH (a:Asset {urn: urn})
MATCH (d:Asset)-[:CONTAINS]->{0,1}(a)
WHERE d.fingerprint IS NOT NULL
SET d.fingerprint = ''
RETURN count(DISTINCT d) AS datasets
