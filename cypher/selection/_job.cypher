// The job that an edge of lineage names.
MATCH (<node>:Asset {urn: <this>.job})
WHERE <node>.sensitivity <= $clearance AND ($domains IS NULL OR <node>.domain IN $domains)
RETURN <row> LIMIT 1
