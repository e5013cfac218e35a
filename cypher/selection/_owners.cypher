// Owners of an asset, by name.
MATCH (<this>)<-[:OWNS]-(<node>:Person)
WITH <node> ORDER BY <node>.name
RETURN <row>
