// That others than the source `$source` itself say that the asset `x` feeds, or is fed by, something that is there; goes into a WHERE.
  EXISTS {
    MATCH (x)-[e:FEEDS|INFLUENCES]-(o:Asset)
    WHERE o.status = 'ACTIVE' AND e.origin <> 'MANUAL' AND NOT e.assertion IN ['source:' + $source, 'log:' + $source, 'record:' + $source]
    RETURN 1
  }
