// That the edge `e`, open or closed, held at `valid_at` by what was recorded at `known_at`; goes into a WHERE. An edge
// without times of its own on the one axis has those of the other.
// params:  valid_at: str, known_at: str
e.first_seen <= $known_at AND coalesce(e.valid_from, e.first_seen) <= $valid_at
AND (e.closed_at IS NULL OR e.closed_at > $known_at OR coalesce(e.valid_to, e.closed_at) > $valid_at)
