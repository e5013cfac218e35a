// The walk against that of the way `down_past`.
// include: cypher.lineage/_walk_up_past
