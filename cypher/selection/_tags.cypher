// Tags of an asset, by name.
MATCH (<this>)-[:TAGGED]->(<node>:Tag)
WITH <node> ORDER BY <node>.name
RETURN <row>
