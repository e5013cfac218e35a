// A classifier of one's own that classifies no more. Its versions stay, and its classification for what was said before.
// mode:    write
// params:  name: str
// returns: name: str
// budget:  50 ms
MATCH (d:ClassifierDefinition {name: $name})
SET d.deleted = true
WITH d
MATCH (c:Classification {name: $name})
OPTIONAL MATCH (c)-[above:NARROWER_THAN]->()
DELETE above
SET c.deleted = true, c.enabled = false, c.wider = [c.name]
RETURN DISTINCT d.name AS name
