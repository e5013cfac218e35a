// Classifications by key.
// mode:    read
// params:  keys: list[int]
// returns: classification: map
// budget:  20 ms
UNWIND $keys AS key
MATCH (c:Classification {key: key})
RETURN c {.key, .name, .title, .description, .category, .sensitivity, .version, .purposes} AS classification
