// The walk against that of the way `down`.
// include: cypher.lineage/_walk_up
