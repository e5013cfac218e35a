// What holds an asset, from the root down to its parent; the way up ends at what the reader may not see.
MATCH <node>p = (<this>)(()<-[:CONTAINS]-(<node>x:Asset WHERE <node>x.sensitivity <= $clearance AND ($domains IS NULL OR <node>x.domain IN $domains))){1,6}(:Asset)
WITH <node>p ORDER BY length(<node>p) DESC LIMIT 1
UNWIND reverse(nodes(<node>p)[1..]) AS <node>
RETURN <row>
