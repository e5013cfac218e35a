// Names of the classifications of a category, or of all, up to a level.
// mode:    read
// params:  category: str, clearance: int
// returns: name: str
// budget:  20 ms
MATCH (c:Classification)
WHERE ($category IS NULL OR c.category = $category) AND c.sensitivity <= $clearance
RETURN c.name AS name ORDER BY name
