// Datasets as they were judged.
// mode:    read
// params:  urns: list[str]
// returns: dataset: map
// budget:  300 ms
UNWIND $urns AS urn
MATCH (d:Asset {urn: urn})
// include: cypher.reclassification/_table
