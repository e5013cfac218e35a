// The highest level among an asset and what the reader can see below it; the way down ends at what is hidden.
MATCH (<this>)(()-[:CONTAINS]->(<node>x:Asset WHERE <node>x.sensitivity <= $clearance AND ($domains IS NULL OR <node>x.domain IN $domains))){0,5}(<node>:Asset)
WHERE <this>.kind <> 'COLUMN'
RETURN max(<node>.sensitivity) AS <node>level
