// Keys of the assets that carry a tag, a classification that nobody rejected, an owner; null where none is asked for.
// mode:    read
// params:  tag: str, classification: str, owner: str
// returns: tagged: list[int], classified: list[int], owned: list[int]
// budget:  200 ms
RETURN CASE WHEN $tag IS NOT NULL THEN COLLECT {
         MATCH (:Tag {name: $tag})<-[:TAGGED]-(a:Asset) RETURN a.key
       } END AS tagged,
       CASE WHEN $classification IS NOT NULL THEN COLLECT {
         MATCH (c:Classification)<-[v:CLASSIFIED_AS|INHERITS]-(a:Asset)
         WHERE $classification IN c.wider AND v.status <> 'REJECTED'
         RETURN DISTINCT a.key
       } END AS classified,
       CASE WHEN $owner IS NOT NULL THEN COLLECT {
         MATCH (:Person {name: $owner})-[:OWNS]->(a:Asset) RETURN a.key
       } END AS owned
