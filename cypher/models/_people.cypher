// People's verdicts on columns that are there and that rules, where they are sure, say nothing sensitive of.
MATCH (a:Column)-[v:CLASSIFIED_AS]->(c:Classification) USING INDEX v:CLASSIFIED_AS(decided_at)
WHERE v.decided_at <= $before AND v.status IN ['CONFIRMED', 'REJECTED'] AND a.status = 'ACTIVE'
  AND NOT EXISTS {
    MATCH (a)-[s:CLASSIFIED_AS]->(k:Classification)
    WHERE s.classifier IS NOT NULL AND s.tier = 1 AND s.confidence >= $sure AND k.sensitivity >= $open
  }
