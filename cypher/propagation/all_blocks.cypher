// What must not be inherited where, all of it.
// mode:    read
// params:
// returns: classification: str, under: str
// budget:  30 ms
MATCH (b:PropagationBlock)
WHERE b.id >= ''
RETURN DISTINCT b.classification AS classification, b.under AS under
