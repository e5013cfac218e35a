// Names of the classifications of a category.
// mode:    read
// params:  category: str
// returns: name: str
// budget:  20 ms
MATCH (c:Classification)
WHERE c.category = $category
RETURN c.name AS name ORDER BY name
