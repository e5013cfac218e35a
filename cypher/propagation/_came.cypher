// Where what `v` tells of came from along lineage: the nearest five columns, with what the reader may see of them.
    COLLECT {
      UNWIND range(0, coalesce(size(v.hops), 0) - 1) AS n
      WITH n LIMIT 5
      OPTIONAL MATCH (origin:Asset {key: v.origins[n]})
      WHERE origin.sensitivity <= $clearance AND ($domains IS NULL OR origin.domain IN $domains)
      OPTIONAL MATCH (via:Asset {key: v.via[n]})
      WHERE via.sensitivity <= $clearance AND ($domains IS NULL OR via.domain IN $domains)
      RETURN {origin: origin.urn, origin_key: v.origins[n], hops: v.hops[n], via: via.urn, confidence: v.confidences[n]}
      ORDER BY n
    } AS reasons
