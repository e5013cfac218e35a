// What walks need of an edge, a list per property.
  RETURN collect(up.key) AS ups, collect(down.key) AS downs, collect(type(e) = 'INFLUENCES') AS indirect,
         collect(coalesce(e.origin, '')) AS origins, collect(coalesce(e.transformations, [])) AS transformations
