// The source that an asset belongs to; its urn is printed as `schema.ids.Urn` does.
MATCH (<node>:Asset {urn: 'source:' + replace(replace(<this>.source, '%', '%25'), '~', '%7E')})
WHERE <node>.kind = 'SOURCE' AND <node>.sensitivity <= $clearance AND ($domains IS NULL OR <node>.domain IN $domains)
RETURN <row> LIMIT 1
