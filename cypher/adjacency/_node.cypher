// What walks need of an asset, a list per property.
  OPTIONAL MATCH (p:Asset)-[:CONTAINS]->(a)
  WITH a, head(collect(p.key)) AS parent ORDER BY a.urn
  RETURN collect(a.key) AS keys, collect(a.urn) AS urns, collect(coalesce(a.kind, '')) AS kinds,
         collect(coalesce(a.sensitivity, 0)) AS sensitivities, collect(coalesce(a.domain, '')) AS domains,
         collect(coalesce(a.source, '')) AS sources, collect(coalesce(parent, 0)) AS parents,
         collect(a.lineage_problem IS NOT NULL) AS unread
