// Classifications of an asset, with who or what says so; the surest first, rejected ones last. As `governance.verdicts`.
CALL (<this>) {
  MATCH (<this>)-[<edge>v:CLASSIFIED_AS|INHERITS]->(<node>:Classification)
  RETURN <node>, <edge>v, type(<edge>v) = 'INHERITS' AS <edge>s
  UNION ALL
  MATCH (<this>)<-[:CONTAINS]-{1,5}(:Asset)-[<edge>v:CLASSIFIED_AS]->(<node>:Classification)
  WHERE <edge>v.status = 'CONFIRMED'
  RETURN <node>, <edge>v, true AS <edge>s
}
WITH <node>, <edge>v, <edge>s ORDER BY <edge>s, <edge>v.confidence DESC
WITH <node>, head(collect(CASE WHEN <edge>s THEN <edge>v {.*, origin: 'PROPAGATED'} ELSE properties(<edge>v) END)) AS <edge>
ORDER BY <edge>.status = 'REJECTED', <edge>.confidence DESC, <node>.name
RETURN <row>
