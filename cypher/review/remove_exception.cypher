// Ends an exception: nobody sees it any more, and it goes once what it concerned waits to be judged anew.
// mode:    write
// params:  id: str, at: str
// returns: props: map
// budget:  20 ms
MATCH (e:ClassificationException {id: $id}) WHERE e.removed IS NULL
WITH e, properties(e) AS props
SET e.removed = true, e.expires_at = $at
RETURN props
