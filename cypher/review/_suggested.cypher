// What is told of the suggestions `v` of `a` on `c` that were found, in the order of the queue.
WITH v, a, c ORDER BY v.review <way> LIMIT $first
RETURN v.review AS review, a.urn AS urn,
  c {.key, .name, .title, .description, .category, .sensitivity, .version} AS classification, properties(v) AS verdict
ORDER BY review <way>
