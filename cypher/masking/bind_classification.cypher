// For which purposes alone the values of a classification are; none for any.
// mode:    write
// params:  name: str, purposes: list[str]
// returns: name: str, sensitivity: int, before: list[str]
// budget:  30 ms
MATCH (c:Classification {name: $name})
WITH c, coalesce(c.purposes, []) AS before
SET c.purposes = $purposes
RETURN c.name AS name, c.sensitivity AS sensitivity, before
