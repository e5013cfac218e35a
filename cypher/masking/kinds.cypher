// What masking asks of every classification.
// mode:    read
// params:
// returns: name: str, category: str, sensitivity: int, purposes: list[str]
// budget:  30 ms
MATCH (c:Classification)
WHERE NOT coalesce(c.deleted, false)
RETURN c.name AS name, c.category AS category, c.sensitivity AS sensitivity, c.purposes AS purposes
