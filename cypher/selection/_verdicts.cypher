// Classifications of an asset, with who or what says so; the surest first, rejected ones last.
MATCH (<this>)-[<edge>:CLASSIFIED_AS]->(<node>:Classification)
WITH <node>, <edge> ORDER BY <edge>.status = 'REJECTED', <edge>.confidence DESC, <node>.name
RETURN <row>
