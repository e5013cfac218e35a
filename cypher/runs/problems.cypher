// What these runs could not do, in order. Who may not see everything is told of assets he can see alone: the name of an object
// that could not be read says as much as that of one that was.
// mode:    read
// params:  ids: list[str], key: int, backward: bool, first: int, clearance: int, domains: list[str]
// returns: id: str, problems: list[map]
// budget:  50 ms
UNWIND $ids AS id
MATCH (r:Run {id: id})-[:SCANS]->(s:Asset)
WHERE s.sensitivity <= $clearance AND ($domains IS NULL OR s.domain IN $domains)
CALL (r, s) {
  MATCH (r)-[:REPORTED]->(p:Problem)
  WHERE CASE WHEN $key IS NULL THEN true WHEN $backward THEN p.seq < $key ELSE p.seq > $key END
    AND (($clearance >= 4 AND $domains IS NULL) OR p.subject = s.name
      OR EXISTS { MATCH (a:Asset {urn: p.subject})
                  WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains) }
      OR EXISTS { MATCH (a:Asset {urn: 'dataset:' + s.namespace + '~' + p.subject})
                  WHERE a.sensitivity <= $clearance AND ($domains IS NULL OR a.domain IN $domains) })
  WITH p ORDER BY p.seq
  WITH collect(properties(p)) AS found
  RETURN (CASE WHEN $backward THEN reverse(found) ELSE found END)[..$first] AS problems
}
RETURN id, problems
