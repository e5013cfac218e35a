// What holds an asset directly.
MATCH (<this>)<-[:CONTAINS]-(<node>:Asset)
WHERE <node>.sensitivity <= $clearance AND ($domains IS NULL OR <node>.domain IN $domains)
RETURN <row> LIMIT 1
