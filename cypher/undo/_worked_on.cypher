// That people worked on the asset `x`: described, tagged, own, judged, linked or renamed it; goes into a WHERE.
  x.description IS NOT NULL
  OR EXISTS { (x)-[t:TAGGED]->(:Tag) WHERE NOT coalesce(t.by, '') STARTS WITH 'source:' }
  OR EXISTS { (x)<-[o:OWNS]-(:Person) WHERE NOT coalesce(o.by, '') STARTS WITH 'source:' }
  OR EXISTS { (x)-[v:CLASSIFIED_AS]->(:Classification) WHERE v.decided_by IS NOT NULL }
  OR EXISTS { (x)-[e:FEEDS|INFLUENCES]-(:Asset) WHERE e.origin = 'MANUAL' }
  OR EXISTS { (x)-[:RENAMED_TO]-(:Asset) }
