// Verdicts of people that a model can learn from, the latest first, with what is kept of their columns; a key is what the last one was ordered by.
// mode:    read
// params:  before: str, key: int, name: str, sure: float, open: int, first: int
// returns: at: str, key: int, classification: str, verdict: map
// budget:  200 ms
// include: cypher.models/_people
  AND (v.decided_at < $before OR $key IS NULL OR a.key < $key OR (a.key = $key AND c.name < $name))
WITH a, v, c ORDER BY v.decided_at DESC, a.key DESC, c.name DESC
LIMIT $first
MATCH (d:Dataset)-[:CONTAINS]->(a)
RETURN v.decided_at AS at, a.key AS key, c.name AS classification, {
  source: coalesce(a.source, ''), dataset: d.urn, column: a.urn, table: d.name, name: a.name, comment: a.comment,
  data_type: coalesce(a.data_type, ''), note: a.value_notes, classification: c.name, confirmed: v.status = 'CONFIRMED',
  doubted: EXISTS { MATCH (a)-[s:CLASSIFIED_AS]->(k:Classification) WHERE s.status = 'SUGGESTED' AND k.sensitivity >= $open }
} AS verdict
ORDER BY at DESC, key DESC, classification DESC
